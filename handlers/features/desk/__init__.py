"""Commands of operators in the chat: an overview, booking of credits, switching models.

An operator is recognised by the Telegram id in ``ADMIN_ID``, in a private chat. Every command and
press checks that. A command that somebody else has written (forwarded, sent through a bot) is
ignored. A booking of credits is shown with name and numbers, and confirmed by a button that works
once.
"""

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.desk import booking, effects, model_switch, overview
from handlers.features.desk.effects import Book, SwitchModel
from handlers.features.desk.overview_facts import Overview, overview_for_operators
from handlers.features.desk.words import WORDS


def _ask(facts: Facts, _command: Command, found: Overview) -> Effects:
    """``/admin``: the whole installation on one screen."""
    return (Say(overview.screen(found, facts.language)),)


def _press(facts: Facts, press: Press, found: Overview | None) -> Effects | None:
    """The button that refreshes it; for operators only."""
    if found is None:
        return None
    return (present(overview.screen(found, facts.language), press.at),)


FEATURE = Feature(
    name="desk",
    words=WORDS,
    operator_commands={
        "admin": Answer(rule=_ask, load=overview_for_operators),
        "topup": Answer(rule=booking.top_up, load=booking.named_target),
        "grant": Answer(rule=booking.book, load=booking.named_target),
        "refund": Answer(rule=booking.book, load=booking.named_target),
        "model": Answer(rule=model_switch.models),
        "models": Answer(rule=model_switch.models),
    },
    steps={
        booking.BOOKING: Step(
            show=booking.show,
            buttons={
                "book": Answer(rule=booking.confirmed),
                "book_leave": Answer(rule=booking.left),
            },
            text=Answer(rule=booking.words),
        )
    },
    buttons={"admin": Answer(rule=_press, load=overview_for_operators)},
    effects={Book: effects.book, SwitchModel: effects.switch},
)
