"""Random use of the whole bot, and what a chat looks like after each step.

Two people, one in English and one in Russian, write, press any button that is still there (old
ones, twice, while something is in the making), send, correct, reply and cancel. After each act and
its answers no button of an earlier step may be left, one message at the most may have buttons of
the dialogue, one may be the main menu, and nothing may be silent. Prints what was wrong and how it
was come to; the exit code is 1 if there is any. ``--seed`` walks the same way again.

    python tests/bench/wandering.py --minutes 30
    python tests/bench/wandering.py --minutes 2 --seed 7 --tell
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from handlers.dialogue.buttons import decode
from sandbox.client import Message, SandboxClient, buttons, content
from tests.bench import conversation
from tests.bench.conversation import bot
from tests.support.edges.telegram_updates import message as update_of
from tests.support.machine.waiting import until

SETTINGS = {"SUPPORT_TELEGRAM": "@support", "PAYMENT_BANK": "Bank", "PAYMENT_CARD": "0000 0000"}
SPEED = 0.15  #: kie.ai's simulator works so many times faster: much is pressed in the making
PAUSE = 0.4  #: seconds between two acts of one person
PATIENCE = 30.0
MOST = 40  #: faults that end a walk
SETTLED = 2.0  #: seconds after which nothing of an act moves any more
WORDS = {
    "en": [
        *("a red fox in the snow", "make a video of waves", "a song about the sea", "yes", "no"),
        *("make it blue", "animate it", "remove the background", "how much is it?", "thanks"),
        *("cancel", "16:9", "a cat 9:16", "two more", "read aloud: Hello, Mum", "help"),
    ],
    "ru": [
        *("рыжий лис в снегу", "сделай видео волн", "песня про море", "да", "нет", "отмена"),
        *("сделай синим", "оживи его", "убери фон", "сколько стоит?", "спасибо", "16:9"),
        *("кот 9:16", "ещё два", "озвучь: Привет, мама", "помощь", "вертикальное видео про кофе"),
    ],
    "any": [
        *("🦊🦊", "‏שלום עולם, חתול אדום", "x" * 4096, "я" * 1001, "1", "2.5", "6,5", "<b>&amp;"),
        *("\u200b\u2060", "https://example.org/a", "```\ncode\n```", "una volpe rossa nella neve"),
    ],
}
COMMANDS = (
    *("/start", "/image", "/image a fox", "/video waves", "/photo", "/photo blue", "/models"),
    *("/search kling", "/search qwzx", "/effects", "/history", "/balance", "/topup", "/invite"),
    *("/promo", "/promo NOPE", "/cancel", "/cancel", "/cancel", "/language", "/help", "/support"),
    *("/paysupport", "/terms", "/privacy", "/nothing", "/imagine an owl", "/menu"),
)
FILES = ("photo", "photo", "photo", "voice", "audio", "video", "document", "sticker")
CONTENTS: tuple[dict[str, Any], ...] = (
    {"contact": {"phone_number": "1", "first_name": "A"}},
    {"location": {"longitude": 1.0, "latitude": 1.0}},
    {"dice": {"emoji": "🎲", "value": 3}},
)
#: What would end the walk: the account, and the answers to a payment.
LEFT_OUT = ("forget", "end_monthly")
#: What may well change nothing: a correction of something that is over, the page that is open.
QUIET = ("edit", "press here")


class Walker:
    """One person's way, and what was wrong on it."""

    def __init__(self, telegram: SandboxClient, dsn: str, language: str, seed: int) -> None:
        self.telegram, self.dsn, self.language = telegram, dsn, language
        self.user = telegram.new_user("Kate" if language == "en" else "Анна", language)
        self.wrong: list[str] = []
        self.acts: Counter[str] = Counter()
        self.way: list[str] = []
        self.told: list[str] = []  #: the act and what it was answered
        self._random = random.Random(f"{seed} {language}")
        self._mine: list[int] = []

    def walk(self, minutes: float) -> None:
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end and len(self.wrong) < MOST:
            try:
                self.step()
            except (AssertionError, ValueError, OSError) as error:
                self._note(f"{type(error).__name__}: {str(error)[:300]}")
                return

    def step(self) -> None:
        before, asked = self._look(), len(self._presses())
        kind, act = self._choose()
        self.acts[kind] += 1
        number = act()
        if isinstance(number, int) and number:
            self._mine.append(number)
        last = int(self.telegram.state()["last_update_id"])
        until(lambda: self._quiet(last), PATIENCE, f"the answer to {self.way[-1]}")
        toasts = [each["text"] for each in self._presses()[asked:] if each["text"]]
        after = self._look()
        new = [text for key, text in after.items() if before.get(key) != text]
        self.told.append(f"{self.way[-1]}\n    → {' | '.join([*toasts, *new])}")
        if not new and not toasts and before.keys() == after.keys() and kind not in QUIET:
            self._note("silence")
        if self._amiss():
            time.sleep(SETTLED)  # an old card may be removed a moment after the new one comes
            self.wrong += [self._after(each) for each in self._amiss()]
        time.sleep(PAUSE)

    # ----------------------------------------------------------------- acts --

    def _choose(self) -> tuple[str, Callable[[], Any]]:
        shown = [
            (message, button)
            for message in self.telegram.messages(self.user, of_bot=True)
            for button in buttons(message)
            if button.get("callback_data") and not button["callback_data"].startswith(LEFT_OUT)
        ]
        dice = self._random.random()
        if shown and dice < 0.55:
            newest = shown[-1][0]["message_id"]
            here = [each for each in shown if each[0]["message_id"] == newest]
            message, button = self._random.choice(here if self._random.random() < 0.7 else shown)
            twice = self._random.random() < 0.15
            return self._press(message, button, twice=twice)
        if dice < 0.75:
            pool = WORDS[self.language] if self._random.random() < 0.8 else WORDS["any"]
            return self._say(self._random.choice(pool), self._replied())
        if dice < 0.85:
            return self._say(self._random.choice(COMMANDS), 0)
        if dice < 0.89 and self._mine:
            number, words = self._mine[-1], self._random.choice(WORDS[self.language])
            self.way.append(f"edit {words}")
            return "edit", lambda: self._edit(number, words)
        return self._send()

    def _press(
        self, message: Message, button: dict[str, Any], *, twice: bool
    ) -> tuple[str, Callable[[], Any]]:
        number, data = int(message["message_id"]), str(button["callback_data"])
        self.way.append(f"press [{button['text']}] {data}{' twice' if twice else ''}")
        kind = "press twice" if twice else "press"
        if " / " in button["text"] or button["text"][0] in "•✓":
            kind = "press here"
        return kind, lambda: self._pressed(number, data, twice=twice)

    def _pressed(self, number: int, data: str, *, twice: bool) -> None:
        self.telegram.press_data(self.user, number, data, twice=twice)

    def _say(self, words: str, reply: int) -> tuple[str, Callable[[], Any]]:
        self.way.append(f"say {words[:40]}" + (f", a reply to {reply}" if reply else ""))
        where = {"reply_to": reply} if reply else {}
        return "say", lambda: self.telegram.say(self.user, words, **where)

    def _send(self) -> tuple[str, Callable[[], Any]]:
        dice = self._random.random()
        if dice < 0.2:
            body = update_of(self.user, **self._random.choice(CONTENTS))
            body["message"]["from"]["language_code"] = self.language
            self.way.append(f"send {list(body['message'])[-1]}")
            raw = json.dumps(body | {"update_id": "$ID"}).replace('"$ID"', "$ID")
            return "send", lambda: self.telegram.raw(raw) and None
        if dice < 0.35:
            self.way.append("send an album")
            kinds = ["photo"] * self._random.choice((2, 3, 10))
            return "send", lambda: self.telegram.send_album(self.user, kinds, "")
        kind = self._random.choice(FILES)
        caption = self._random.choice(("", "", *WORDS[self.language]))
        caption = "" if kind in {"sticker"} else caption
        self.way.append(f"send {kind} {caption}")
        return "send", lambda: self.telegram.send(self.user, kind, caption=caption)

    def _edit(self, number: int, words: str) -> None:
        said = {each["message_id"]: each for each in self.telegram.messages(self.user)}
        if "text" in said.get(number, {}):
            self.telegram.edit(self.user, number, words)

    def _replied(self) -> int:
        """A message that the words answer; 0: none."""
        if self._random.random() < 0.8:
            return 0
        found = [each["message_id"] for each in self.telegram.messages(self.user)]
        return int(self._random.choice(found)) if found else 0

    # -------------------------------------------------------------- looking --

    def _look(self) -> dict[int, str]:
        """What the bot's messages show."""
        return {
            each["message_id"]: " ".join(
                [content(each), *(f"[{button['text']}]" for button in buttons(each))]
            )
            for each in self.telegram.messages(self.user, of_bot=True)
        }

    def _presses(self) -> list[dict[str, Any]]:
        return [each for each in self.telegram.state()["presses"] if each["user"] == self.user]

    def _quiet(self, last: int) -> bool:
        """Whether everything up to this update is handled and sent, but what is in the making."""
        waiting = self._ask(
            "SELECT (SELECT count(*) FROM telegram_updates WHERE lane = %s AND state = 'new') +"
            " (SELECT count(*) FROM deliveries WHERE chat_id = %s AND state IN"
            " ('pending', 'sending')),"
            " EXISTS (SELECT 1 FROM telegram_updates WHERE update_id = %s)",
            *(self.user, self.user, last),
        )
        return not waiting[0][0] and bool(waiting[0][1])

    def _amiss(self) -> list[str]:
        """What is wrong with the chat as it is."""
        found = []
        rows = self._ask("SELECT version FROM dialogues WHERE user_id = %s", self.user)
        version = rows[0][0] if rows else 0
        shown = self.telegram.messages(self.user, of_bot=True)
        steps, menus = set(), set()
        for message in shown:
            for button in buttons(message):
                press = decode(button.get("callback_data") or "")
                if press is None:
                    continue
                if press.version is not None:
                    steps.add(message["message_id"])
                    if press.version != version:
                        found.append(f"stale: [{button['text']}] under {content(message)[:60]!r}")
                        break
                if press.action == "task" and press.argument == "tools":
                    menus.add(message["message_id"])
        if len(steps) > 1 or len(menus) > 1:
            found.append(f"{len(steps)} messages of the dialogue, {len(menus)} menus")
        dead = self._ask("SELECT error FROM telegram_updates WHERE state = 'dead'")
        failed = self._ask("SELECT error FROM deliveries WHERE state = 'failed'")
        if dead or failed:
            raise AssertionError(f"set aside {dead}, not delivered {failed}")
        return found

    def _ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.dsn)) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def _note(self, what: str) -> None:
        self.wrong.append(self._after(what))

    def _after(self, what: str) -> str:
        return f"{self.language}: {what}\n    after " + "\n      ".join(self.way[-8:])


def main() -> int:
    """1 when something was wrong."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--tell", action="store_true", help="print each act and its answer")
    given = arguments.parse_args()
    logger.remove()
    conversation.MADE = SPEED
    with bot(**SETTINGS) as (world, dsn):
        walkers = [Walker(world.telegram, dsn, each, given.seed) for each in ("en", "ru")]
        for each in walkers:
            world.telegram.say(each.user, "/start")
            world.telegram.wait_for(each.user, lambda _: True)
            world.telegram.say(conversation.BEN, f"/grant {each.user} 3000")
            world.telegram.wait_text(conversation.BEN, str(each.user))
            world.telegram.press(conversation.BEN, "Book it")
            world.telegram.wait_text(each.user, "3000")
        threads = [Thread(target=each.walk, args=(given.minutes,)) for each in walkers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wrong = [line for each in walkers for line in each.wrong]
        wrong += [*world.telegram.violations(), *world.kie.violations()]
    for walker in walkers:
        print(walker.language, sum(walker.acts.values()), "acts:", dict(walker.acts))
        if given.tell:
            print("\n".join(walker.told))
    print(*wrong, f"{len(wrong)} faults", sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
