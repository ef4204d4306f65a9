"""What a button says when it is pressed: ``action|version|argument``, at most 64 bytes.

A button that is right at any time (a model, the menu, "again") carries no version. One
that belongs to a step carries the version of the dialogue that showed it.
"""

from dataclasses import dataclass

MOST_BYTES = 64  #: Telegram's limit for callback_data

# Right at any time.
MENU = "menu"
NEW = "new"
HELP = "help"
SUPPORT = "support"
LANGUAGE = "lang"
MODEL = "model"
AGAIN = "again"
BALANCE = "balance"
TOP_UP = "topup"
STOP = "stop"
CATEGORY = "cat"  #: argument: the category and the page
SEARCH = "search"
ADMIN = "admin"
# Of one step.
PICK = "pick"
PAGE = "page"  #: of choices
KEEP = "keep"
DONE = "done"  #: all files of a list are there
CLEAR = "clear"
SETTINGS = "settings"
BACK = "back"
CHANGE = "change"
CREATE = "create"
CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Press:
    """A button's message, taken apart."""

    action: str
    version: int | None
    argument: str


def encode(action: str, argument: object = "", *, version: int | None = None) -> str:
    """The callback data. Raises ``ValueError`` when Telegram would not take it."""
    data = f"{action}|{'' if version is None else version}|{argument}"
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"callback data is over {MOST_BYTES} bytes: {data!r}")
    return data


def decode(data: str) -> Press | None:
    """None: not one of our buttons, or of a release that wrote them differently."""
    action, first, rest = data.partition("|")
    version, second, argument = rest.partition("|")
    if not (first and second) or not (version == "" or version.isdecimal()):
        return None
    return Press(action, int(version) if version else None, argument)
