"""Rows of buttons, as wide as their labels allow on a phone."""

from collections.abc import Sequence

from handlers.dialogue import buttons
from handlers.dialogue.buttons import BLANK
from handlers.dialogue.effects import Button, Keyboard
from handlers.words.texts import units

#: (buttons in a row, UTF-16 units of the longest label that a phone then shows in full).
_WIDTHS = ((4, 7), (3, 11), (2, 19))
HALF_A_ROW = 19  #: UTF-16 units of a title that a phone shows in half a row
ROWS = 6  #: rows of choices on one page
_BLANK = f"|{BLANK}|"


def rows(row: Sequence[Button], width: int) -> Keyboard:
    """At most ``width`` in each row, as even as they go: five by four are three and two."""
    if row:
        width = -(-len(row) // -(-len(row) // width))
    return tuple(tuple(row[start : start + width]) for start in range(0, len(row), width))


def fitting(labels: Sequence[str]) -> int:
    """How many buttons with these labels fit into a row."""
    longest = max((units(each) for each in labels), default=0)
    return next((width for width, most in _WIDTHS if longest <= most), 1)


def for_half_a_row(title: str) -> str:
    """The title of a button with its price, without the sign of credits where it does not fit."""
    return title if units(title) <= HALF_A_ROW else title.removesuffix(" 💎")


def pages(count: int, per_page: int) -> int:
    return max(1, -(-count // per_page))


def turning(action: str, page: int, last: int, argument: str, version: int | None) -> Keyboard:
    """The row with the page number and the buttons to turn pages; empty for a single page."""
    if last == 0:
        return ()

    def turn(text: str, to: int) -> Button:
        return Button(text, buttons.encode(action, f"{argument}{to % (last + 1)}", version=version))

    here = turn(f"{page + 1} / {last + 1}", page)
    return ((turn("‹", page - 1), here, turn("›", page + 1)),)


def stamped(keyboard: Keyboard, version: int) -> Keyboard:
    """A keyboard that was made for ``BLANK``, for this version of the dialogue."""
    mark = f"|{version}|"
    return tuple([tuple([_stamped(each, mark) for each in row]) for row in keyboard])


def _stamped(button: Button, mark: str) -> Button:
    if _BLANK not in button.press:
        return button
    return Button(button.text, button.press.replace(_BLANK, mark, 1))
