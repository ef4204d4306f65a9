"""Somebody who talks to the bot on the chat page, in a real browser, and counts what it takes."""

import time
from dataclasses import dataclass, field
from typing import Any

from handlers.dialogue.buttons import decode
from sandbox.client import Message, SandboxClient, buttons

PATIENCE = 30_000.0  #: milliseconds until an answer is seen
#: Milliseconds for which somebody looks at an answer. Who presses faster than once a second waits
#: for Telegram's limit of messages to one chat.
READING = 1_100.0
FILES = {"img", "video", "audio"}  #: what is looked for as an element, not as words


@dataclass
class Count:
    """What an errand took."""

    taps: int = 0
    messages: int = 0
    waits: list[float] = field(default_factory=list)  #: seconds until each answer was seen


class PageChat:
    """One person's private chat on an open page.

    Each act waits until the bot's last message is another one, and shows the answer: a part of
    a button's title or of a text, or an element of ``FILES``. Without an answer any change does.
    """

    def __init__(self, opened: Any, telegram: SandboxClient, user: int) -> None:
        self.page = opened
        self.user = user
        self.count = Count()
        self._telegram = telegram
        opened.locator("#user-select").select_option(value=str(user))

    def starts(self, answer: str = "") -> None:
        """Press START in an empty chat."""
        self._act(self.page.locator("#start"), answer)
        self.count.taps += 1

    def says(self, words: str, answer: str = "") -> None:
        """Write a message."""
        self.page.locator("#input").fill(words)
        self._act(self.page.locator("#send"), answer)
        self.count.messages += 1

    def sends(self, kind: str, answer: str = "", words: str = "") -> None:
        """Send a sample of that kind, with a caption."""
        self.page.locator("#input").fill(words)
        self.page.locator("#attach").click()
        self._act(self.page.locator(f"#attach-menu [data-kind={kind}]"), answer)
        self.count.messages += 1

    def taps(self, label: str, answer: str = "") -> None:
        """Press the newest button with ``label`` in its title."""
        found = self.page.locator(".keyboard button, .keyboard a", has_text=label)
        self._act(found.last, answer)
        self.count.taps += 1

    def sees(self, answer: str) -> None:
        """Until it is seen."""
        if answer in FILES:
            found = self.page.locator(f".message:not(.mine) .bubble {answer}")
        else:
            found = self.page.locator(".keyboard button, .keyboard a, .words", has_text=answer)
        found.last.wait_for(state="visible", timeout=PATIENCE)

    def of_bot(self) -> list[Message]:
        """The bot's messages that are in the chat."""
        return self._telegram.messages(self.user, of_bot=True)

    def stale_buttons(self) -> list[str]:
        """The buttons of a step of the dialogue; ask when no step is open."""
        shown = [each for message in self.of_bot() for each in buttons(message)]
        pressed = [(each["text"], decode(each.get("callback_data") or "")) for each in shown]
        return [text for text, press in pressed if press is not None and press.version is not None]

    def _act(self, target: Any, answer: str) -> None:
        self.page.wait_for_timeout(READING)
        before = self._newest()
        target.click()
        began = time.monotonic()
        self.page.wait_for_function("before => window.newest() !== before", arg=before)
        if answer:
            self.sees(answer)
        self.count.waits.append(time.monotonic() - began)

    def _newest(self) -> Any:
        """What the bot's last message shows."""
        return self.page.evaluate(
            "window.newest = () => [...document.querySelectorAll('.message:not(.mine)')].at(-1)"
            "?.textContent; window.newest()"
        )
