"""The steps of this feature, as ``dialogues.step`` has them, and the actions of its buttons."""

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button
from handlers.features.making.words import plain

# Steps.
ASK = "ask"
CONFIRM = "confirm"
SETTINGS = "settings"
SEARCH = "search"

MOST_PAGES = 9_999  #: of a list

# Actions that are right at any time.
MODEL = buttons.MODEL
LINK = "m"  #: t.me/<bot>?start=m_<model>
STOP = "stop"
CATEGORY = "cat"  #: argument: the category and the page
MODELS = "models"  #: all categories
FIND = "search"
TASK = "task"  #: argument: a task of ``shop/tasks.py``
ABLE = "able"  #: argument: the kind of the file that is kept, and the page
RESUME = "resume"  #: the card that was left for the menu
FORGET = "forget"  #: what is kept goes
# Actions of one step.
PICK = "pick"
PAGE = "page"  #: of choices
FOUND = "found"  #: a page of what was found
DRAW = "draw"  #: the words of a search that found nothing become a picture
KEEP = "keep"
DONE = "done"  #: all files of a list are there
CLEAR = "clear"
UNDO = "undo"  #: the words before the last ones
SET = "settings"
BACK = "back"
CHANGE = "change"
CREATE = "create"
CANCEL = "cancel"
OTHER = "other"  #: other models for the same wish; argument: the page
SEVERAL = "several"  #: the same wish by a model that makes more than one at once
FREE = "free"  #: the same wish by a model that costs nothing


def of_step(action: str, language: str, version: int, **fields: object) -> Button:
    """A button of the step, called as the action is."""
    text = plain(language, f"button_{action}", **fields)
    return Button(text, buttons.encode(action, version=version))


def free(action: str, language: str, argument: str = "", **fields: object) -> Button:
    """A button that is right at any time, called as the action is."""
    return Button(plain(language, f"button_{action}", **fields), buttons.encode(action, argument))
