"""What a top-up leads to."""

from collections.abc import Sequence

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Say
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.paying import screens
from kie.money.subscriptions import Subscription


def ask_top_up(facts: Facts, _command: Command, found: Sequence[Subscription] | None) -> Effects:
    """``/topup``"""
    return (Say(screens.top_up(facts, found or ())),)


def press_top_up(facts: Facts, _press: Press, found: Sequence[Subscription] | None) -> Effects:
    """Below the message with the button: what it asks for is still to be read."""
    return (Say(screens.top_up(facts, found or ())),)
