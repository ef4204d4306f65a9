"""The guest of the tour: orders a picture by the buttons that the bot shows, as a person does.

A wish is written, and of the newest message's buttons those are pressed whose captions lead to an
order.
"""

import asyncio
import time
from collections.abc import Callable

from sandbox.client import is_photo
from sandbox.telegram.state.people import User
from sandbox.telegram.state.store import Message, State
from sandbox.telegram.users.asking import Asking
from sandbox.telegram.users.speaking import Speaking

_ORDER = ("Create", "Создать")
#: The way to a model that costs credits.
_PAID = (("🤖",), ("Nano Banana",))
_CONFIRM = ("Confirm", "Book", "Yes", "Провести", "Подтвердить", "Да")
WISHES = {"ru": "рыжий кот в шляпе", "en": "a red fox in the snow"}
CREDITS = 200
ENOUGH = 50  #: with so many credits the guest asks the operator for none
PAUSE = 1.0  #: between two steps of a person
PATIENCE = 30.0


class Guest:
    """A user of the page who speaks the viewer's language. Ben is the operator."""

    def __init__(
        self, state: State, speaking: Speaking, asking: Asking, purse: Callable[[int], int]
    ) -> None:
        self._state = state
        self._speaking = speaking
        self._asking = asking
        self._purse = purse  #: the credits of a user, as the tables say
        self._pictures = 0
        self.language = "ru"

    async def order(self, *, with_credits: bool = False) -> None:
        """Up to the button that orders; a model that costs credits, or what the bot proposes."""
        guest, operator = self._guest(), self._operator()
        self._pictures = self._count(guest)
        await self._say(guest, "/start")
        if with_credits and self._purse(guest.id) < ENOUGH:
            await self._say(operator, f"/grant {guest.id} {CREDITS}")
            await self._press(operator, _CONFIRM, set())
        await self._say(guest, WISHES.get(guest.language_code, WISHES["en"]))
        pressed: set[tuple[int, str]] = set()
        ends = time.monotonic() + PATIENCE
        for words in (*(_PAID if with_credits else ()), _ORDER):
            while time.monotonic() < ends and not await self._press(guest, words, pressed):
                pass

    async def picture(self, seconds: float) -> bool:
        """Whether one more picture has come."""
        guest = self._guest()
        ends = time.monotonic() + seconds
        while self._count(guest) <= self._pictures and time.monotonic() < ends:
            await asyncio.sleep(0.1)
        return self._count(guest) > self._pictures

    def _operator(self) -> User:
        return next(user for user in self._state.users.values() if user.first_name == "Ben")

    def _guest(self) -> User:
        others = [user for user in self._state.users.values() if user is not self._operator()]
        fits = (user for user in others if user.language_code == self.language)
        return next(fits, others[0])

    def _count(self, user: User) -> int:
        return sum(map(is_photo, self._state.messages[user.id].values()))

    async def _say(self, user: User, text: str) -> None:
        self._speaking.say(user.id, text)
        await asyncio.sleep(PAUSE)

    async def _press(
        self, user: User, words: tuple[str, ...], pressed: set[tuple[int, str]]
    ) -> str:
        """The caption of the button that was pressed; empty: there was none."""
        found = _choice(list(self._state.messages[user.id].values()), words, pressed)
        if found is None:
            await asyncio.sleep(PAUSE)
            return ""
        number, data, caption = found
        pressed.add((number, data))
        self._asking.press(user.id, number, data)
        if not any(word in caption for word in _ORDER):
            await asyncio.sleep(PAUSE)
        return caption


def _choice(
    messages: list[Message], words: tuple[str, ...], pressed: set[tuple[int, str]]
) -> tuple[int, str, str] | None:
    """Of the newest message that has buttons; what was pressed is not pressed again."""
    for message in reversed(messages):
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row if "callback_data" in button]
        for word in words:
            for button in buttons:
                key = (message["message_id"], button["callback_data"])
                if word in button["text"] and key not in pressed:
                    return (*key, button["text"])
        if buttons:
            return None
    return None
