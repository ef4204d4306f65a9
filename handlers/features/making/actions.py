"""The actions of this feature's buttons."""

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button
from handlers.features.making.words import plain

# Right at any time.
MODEL = buttons.MODEL
LINK = "m"  #: t.me/<bot>?start=m_<model>
STOP = "stop"
CATEGORY = "cat"  #: argument: the category and the page
SEARCH = "search"
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
OTHER = "other"  #: another model for the same wish


def of_step(action: str, language: str, version: int, **fields: object) -> Button:
    """A button of the step, called as the action is."""
    text = plain(language, f"button_{action}", **fields)
    return Button(text, buttons.encode(action, version=version))
