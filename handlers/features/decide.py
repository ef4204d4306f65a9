"""Which rule answers an update. One function per thing that a user can do."""

from typing import assert_never

from handlers.dialogue import buttons
from handlers.dialogue.effects import (
    Effect,
    Move,
    RefuseCheckout,
    Say,
    SetLanguage,
    SetReachable,
    ShowHistory,
    Toast,
)
from handlers.dialogue.facts import ASK, CONFIRM, IDLE, SETTINGS, Facts, Shop, is_admin
from handlers.dialogue.incoming import (
    Checkout,
    Command,
    Incoming,
    Media,
    Membership,
    Other,
    Pressed,
    Text,
)
from handlers.dialogue.texts import Markup, other_language, plain, say
from handlers.features.desk import commands as operator
from handlers.features.making import menus, presses, replies, screens, steps
from handlers.features.paying import credits as payment

Effects = tuple[Effect, ...]

_KNOWN = frozenset(
    {
        "start",
        "menu",
        "new",
        "help",
        "support",
        "cancel",
        "language",
        "balance",
        "search",
        "history",
    }
)


def decide(facts: Facts) -> Effects:
    """What this update leads to. Never empty for something a user did in private."""
    incoming = facts.incoming
    if isinstance(incoming, Membership):
        return (SetReachable(incoming.reachable),)
    if isinstance(incoming, Checkout):
        # Nothing is sold for Stars: an invoice of ours cannot exist.
        return (RefuseCheckout(incoming.query_id, plain(facts.language, "checkout_refused")),)
    private = incoming.sender.private
    effects = _in_private(facts, incoming) if private else _in_group(facts, incoming)
    # Whoever writes to us can be written to.
    return effects if facts.reachable or not effects else (SetReachable(True), *effects)


def wants_account(incoming: Incoming) -> bool:
    """Whether the decision may depend on what the user has and has under way."""
    return incoming.sender.private and not isinstance(incoming, Membership | Checkout)


def spends(incoming: Incoming) -> bool:
    """Whether the decision may cost credits: the account must hold still for it."""
    if isinstance(incoming, Pressed):
        press = buttons.decode(incoming.data)
        return press is not None and press.action == buttons.CREATE
    return False


def wants_entries(incoming: Incoming) -> bool:
    """Whether the user wants to see what was booked."""
    if isinstance(incoming, Pressed):
        press = buttons.decode(incoming.data)
        return press is not None and press.action == buttons.BALANCE
    return isinstance(incoming, Command) and incoming.name == "balance"


def wants_overview(incoming: Incoming, shop: Shop) -> bool:
    """Whether an operator wants to see the whole installation."""
    if not is_admin(incoming, shop):
        return False
    if isinstance(incoming, Pressed):
        press = buttons.decode(incoming.data)
        return press is not None and press.action == buttons.ADMIN
    return isinstance(incoming, Command) and incoming.name == "admin"


def wants_past(incoming: Incoming) -> int | None:
    """Which earlier job the decision depends on."""
    if isinstance(incoming, Pressed):
        press = buttons.decode(incoming.data)
        if press is not None and press.action == buttons.AGAIN and press.argument.isdecimal():
            number = int(press.argument)
            return number if number < 2**63 else None
    return None


def _in_private(facts: Facts, incoming: Incoming) -> Effects:
    match incoming:
        case Command(name="history"):
            return (ShowHistory(),)
        case Command():
            return _command(facts, incoming)
        case Text():
            return replies.text(facts, incoming.text)
        case Media():
            return replies.media(facts, incoming)
        case Pressed():
            return presses.press(facts, incoming)
        case Other():
            language = facts.language
            kind = plain(language, f"kind_{incoming.kind}")
            return steps.again(facts, say(language, "other_kind", kind=kind))
        case Membership() | Checkout():
            return ()
        case _:
            assert_never(incoming)


def _in_group(facts: Facts, incoming: Incoming) -> Effects:
    if isinstance(incoming, Pressed):
        return (Toast(incoming.query_id),)
    if isinstance(incoming, Command) and incoming.name in _KNOWN and _for_us(facts, incoming):
        return (Say(screens.group(facts.shop, facts.language)),)
    return ()


def _for_us(facts: Facts, command: Command) -> bool:
    ours = facts.shop.bot_username
    return command.bot is None or not ours or command.bot.lower() == ours.lower()


# ------------------------------------------------------------------ commands --


def _command(facts: Facts, command: Command) -> Effects:
    language, shop = facts.language, facts.shop
    match command.name:
        case "start" | "menu":
            return (Move(IDLE), Say(menus.menu(facts, language)))
        case "new":
            return steps.new(facts, at=None)
        case "search" if command.arguments:
            return (Say(menus.found(facts, command.arguments, language)),)
        case "search":
            return steps.search(facts, None)
        case "help":
            return (Say(screens.help_screen(shop, language)),)
        case "support":
            return (Say(screens.support_screen(shop, language)),)
        case "language":
            other = other_language(language)
            return (SetLanguage(other), Say(steps.current(facts, other)))
        case "cancel":
            return _cancel(facts)
        case "balance":
            return (Say(payment.balance(facts)),)
        case "topup" if not (facts.admin and command.arguments):
            return (Say(payment.top_up(facts)),)
        case name if facts.admin and name in operator.COMMANDS:
            return operator.COMMANDS[name](facts, command)
        case _:
            text = say(language, "unknown_command", command=f"/{command.name}")
            return steps.again(facts, text)


def _cancel(facts: Facts) -> Effects:
    language = facts.language
    begun = facts.standing.step in {ASK, CONFIRM, SETTINGS}
    text: str = say(language, "cancelled" if begun else "nothing_to_cancel")
    running = sum(facts.account.running.values())
    if running:
        text += say(language, "still_running", n=running)
    return (Move(IDLE), Say(screens.sentence(Markup(text), language)))
