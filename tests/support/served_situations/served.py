"""A row of the test of served situations, and the chat that it is served in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from kie.api.outcome import Failure
from tests.support.chats.conversation import ADMIN

#: A second operator.
COLLEAGUE = ADMIN + 1
GROUP: dict[str, Any] = {"id": -100, "type": "supergroup", "title": "Us", "is_forum": True}
BOT = "painter_bot"
#: A message of the bot, which somebody replies to.
OURS: dict[str, Any] = {
    "message_id": 9,
    "date": 1,
    "chat": GROUP,
    "from": {"id": 123456, "is_bot": True, "first_name": "Painter", "username": BOT},
    "text": "a line",
}
#: Who writes for an admin that hides.
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
WISH = "a red fox"


class Served(Protocol):
    """The chat of a row's person."""

    user: int
    customer: int  #: another user, who is served beside this one
    russian: bool
    payload: str  #: of the last invoice

    @property
    def job(self) -> int:
        """The last job."""

    @property
    def customers_job(self) -> int:
        """The last job of that other user."""

    @property
    def receipt(self) -> int:
        """The last receipt of anybody."""

    def button(self, data: str) -> str:
        """The button that was shown last whose data begins so; else the data itself."""

    def gets(self, credits: int) -> None: ...

    def fails(self, failure: Failure, jobs: int = 1) -> None:
        """The last jobs end without a result."""

    def comes(self) -> None:
        """The last job's result comes."""

    def being_made(self, usual: float = 0.0) -> None:
        """kie.ai makes the last job, for so many times as long as it usually takes."""

    def away(self, seconds: float) -> None:
        """kie.ai does not answer, and the last job has waited for so long."""

    def arrives(self) -> None:
        """Telegram has taken the last result: it is paid."""

    def link_dies(self) -> None:
        """The file of the result that was told last is gone before it is sent."""

    def changes(self, **columns: object) -> None:
        """The last job's row is another one now."""

    def restarts(self) -> None:
        """The process ends, and the next one works."""

    def kie(self, trouble: str | None) -> None:
        """kie.ai's state as /health knows it; None: it answers."""

    def alarms(self) -> None:
        """The alarms look, and tell what began and what is over."""

    def others(self, act: "Act", number: int = 1) -> None:
        """Somebody else does it in a chat of their own."""


#: An update, or None where the act is no update.
Act = Callable[[Served], dict[str, Any] | None]


@dataclass(frozen=True)
class Situation:
    """``says`` is in what the person is told after the last act."""

    name: str
    acts: tuple[Act, ...]
    says: tuple[str, str]
    shows: tuple[str, ...] = ()  #: actions of buttons
    operator: bool = False
    home: bool = False  #: a main menu is the answer
    silent: bool = False  #: it is not for us: no answer
