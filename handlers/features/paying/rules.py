"""What the balance and a top-up lead to."""

from collections.abc import Sequence

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.paying import screens
from kie.money.ledger import Entry


def ask_balance(facts: Facts, _command: Command, entries: Sequence[Entry]) -> Effects:
    """``/balance``"""
    return (Say(screens.balance(facts, entries)),)


def press_balance(facts: Facts, press: Press, entries: Sequence[Entry]) -> Effects:
    """The same in place of the message with the button."""
    return (present(screens.balance(facts, entries), press.at),)


def ask_top_up(facts: Facts, _command: Command) -> Effects:
    """``/topup``"""
    return (Say(screens.top_up(facts)),)


def press_top_up(facts: Facts, _press: Press) -> Effects:
    """Below the message with the button: what it asks for is still to be read."""
    return (Say(screens.top_up(facts)),)
