"""Places on screens for buttons of several features: the menu, a result, a failure.

A feature declares the buttons that it offers for a place, by name. Which of them stand in which row
is data: ``LAYOUT`` in ``handlers/features/__init__.py``. A button is left out if its feature is off
the list or returns None.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.shop.shop import Shop
from handlers.words.texts import Markup

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """The input of a button of a place."""

    language: str
    shop: Shop
    job_id: int = 0  #: the job that the screen is about
    model: str = ""  #: the model that the screen is about
    missing: int = 0  #: credits that the user lacks for what the screen is about
    discount: int = 0  #: the discount on the user's next pack, in percent
    number: int = 0  #: the row that the screen is about: an act, an update
    user_id: int = 0  #: the user whom a screen of operators is about
    kept: bool = False  #: its reader has begun something, which is kept on the first screen
    code: str = ""  #: proves that a link to ``job_id`` is ours; empty: there is no link
    #: What waits for operators, by name (``receipts``, ``set_aside``); at most 100 are counted.
    waiting: Mapping[str, int] = field(default_factory=dict)


#: Returns the button; None: it has no use at the moment.
Offered = Callable[[Spot], Button | None]


@dataclass(frozen=True, slots=True)
class Places:
    """The offered buttons (place → name → button) and the layout (place → rows of names), and
    the commands that Telegram lists, with their descriptions."""

    offered: Mapping[str, Mapping[str, Offered]] = field(default_factory=dict)
    layout: Mapping[str, Rows] = field(default_factory=dict)
    commands: Callable[[Shop, str], Sequence[tuple[str, str]]] = lambda _shop, _language: ()
    #: Those that only operators have.
    operator_commands: Callable[[str], Sequence[tuple[str, str]]] = lambda _: ()

    def keyboard(self, place: str, spot: Spot) -> Keyboard:
        """The rows of that place, without empty ones."""
        offered = self.offered.get(place, {})
        rows = (
            tuple(
                button
                for name in names
                if name in offered and (button := offered[name](spot)) is not None
            )
            for names in self.layout.get(place, ())
        )
        return tuple(row for row in rows if row)

    def sentence(self, text: Markup, spot: Spot) -> Screen:
        """A sentence with the buttons of the place ``home``."""
        return Screen(text, self.keyboard("home", spot))


#: The buttons of a place, in a language, about a user (0: about nobody).
Remedies = Callable[[str, str, int], Keyboard]
#: What helps with a notice for operators: a place and its user, or what makes the buttons.
Remedy = tuple[str, int] | Callable[[str], Keyboard]
PANEL: Remedy = ("alarm", 0)


def no_remedies(_place: str, _language: str, _user_id: int) -> Keyboard:
    return ()


def helping(remedy: Remedy, language: str, remedies: Remedies) -> Keyboard:
    """The buttons under a notice."""
    if isinstance(remedy, tuple):
        place, user_id = remedy
        return remedies(place, language, user_id)
    return remedy(language)
