"""The callback data of a button: ``action|version|argument``, at most 64 bytes.

A button that is valid at any time has no version. A button of a step has the version of the
dialogue that showed it. The declaration of a feature says which actions it answers; the actions
here stand on screens of several features.
"""

from dataclasses import dataclass, replace
from typing import Self

from supervisor.values.foreign import whole_text

MOST_BYTES = 64  #: Telegram's limit for callback_data
MOST_VERSION = 999_999_999
#: Stands for the version in a keyboard that many dialogues share (``keyboards.py``): the longest
#: one, so that the data of each button fits with any.
BLANK = MOST_VERSION

MENU = "menu"
NEW = "new"
MODEL = "model"  #: an offer is chosen; argument: its name


@dataclass(frozen=True, slots=True)
class Press:
    """The decoded callback data of a press."""

    action: str
    version: int | None
    argument: str
    at: int | None = None  #: the message with the button, if its text can be edited
    under: int | None = None  #: the message with the button, whatever it holds

    def shown(self, at: int | None, under: int | None) -> Self:
        """The same press of a button of that message."""
        return replace(self, at=at, under=under)

    @property
    def number(self) -> int | None:
        """The argument as the id of a row; None: it is no such number."""
        return whole_text(self.argument, 0)


def encode(action: str, argument: object = "", *, version: int | None = None) -> str:
    """The callback data. Raises ``ValueError`` when it is too long for Telegram."""
    data = f"{action}|{'' if version is None else version}|{argument}"
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"callback data is over {MOST_BYTES} bytes: {data!r}")
    return data


def decode(data: str) -> Press | None:
    """None: not callback data of this bot, or of a release with another format."""
    action, first, rest = data.partition("|")
    version, second, argument = rest.partition("|")
    number = whole_text(version, 0, MOST_VERSION)
    if not (first and second) or (version and number is None):
        return None
    return Press(action, number, argument)
