"""Which rule answers an update. One function per thing that a user can do."""

from typing import assert_never

from handlers.dialogue import buttons, operator, payment, screens, steps
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    CancelJob,
    Effect,
    Move,
    RefuseCheckout,
    Say,
    Screen,
    SetLanguage,
    SetReachable,
    Toast,
)
from handlers.dialogue.facts import ASK, CONFIRM, IDLE, Facts
from handlers.incoming import Checkout, Command, Incoming, Membership, Other, Pressed, Text
from handlers.texts import Markup, other_language, plain, say

Effects = tuple[Effect, ...]

_KNOWN = frozenset({"start", "menu", "new", "help", "support", "cancel", "language", "balance"})


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
    return incoming.sender.private and not isinstance(incoming, Membership | Other)


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
        case Command():
            return _command(facts, incoming)
        case Text():
            return steps.text(facts, incoming.text)
        case Pressed():
            return _pressed(facts, incoming)
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
            return (Move(IDLE), Say(screens.menu(shop, language)))
        case "new":
            return steps.new(facts, at=None)
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
        case "topup" | "grant" | "refund" if facts.admin:
            return operator.book(facts, command)
        case _:
            text = say(language, "unknown_command", command=f"/{command.name}")
            return steps.again(facts, text)


def _cancel(facts: Facts) -> Effects:
    language = facts.language
    begun = facts.standing.step in {ASK, CONFIRM}
    text: str = say(language, "cancelled" if begun else "nothing_to_cancel")
    running = sum(facts.account.running.values())
    if running:
        text += say(language, "still_running", n=running)
    return (Move(IDLE), Say(screens.sentence(Markup(text), language)))


# ------------------------------------------------------------------- presses --


def _pressed(facts: Facts, pressed: Pressed) -> Effects:
    press = buttons.decode(pressed.data)
    if press is None:
        return _old(facts, pressed, None)
    if press.version is None:
        return _free_button(facts, pressed, press)
    if press.version != facts.standing.version:
        return _old(facts, pressed, press)
    return _step_button(facts, pressed, press)


def _free_button(facts: Facts, pressed: Pressed, press: Press) -> Effects:
    """A button that is right at any time."""
    language, shop, at = facts.language, facts.shop, pressed.message_id
    done = Toast(pressed.query_id)
    match press.action:
        case buttons.MENU:
            return (done, Move(IDLE), steps.present(screens.menu(shop, language), at))
        case buttons.NEW:
            return (done, *steps.new(facts, at=None))
        case buttons.HELP:
            return (done, steps.present(screens.help_screen(shop, language), at))
        case buttons.SUPPORT:
            return (done, steps.present(screens.support_screen(shop, language), at))
        case buttons.LANGUAGE:
            other = other_language(language)
            toast = Toast(pressed.query_id, plain(other, "toast_language"))
            return (toast, SetLanguage(other), steps.present(screens.menu(shop, other), at))
        case buttons.MODEL:
            return (done, *steps.choose(facts, press.argument, at))
        case buttons.AGAIN:
            return (done, *steps.once_more(facts))
        case buttons.BALANCE:
            return (done, steps.present(payment.balance(facts), at))
        case buttons.TOP_UP:
            return (done, Say(payment.top_up(facts)))
        case buttons.STOP if press.argument.isdecimal() and int(press.argument) < 2**63:
            return (CancelJob(pressed.query_id, int(press.argument), at),)
        case _:
            return _old(facts, pressed, press)


def _step_button(facts: Facts, pressed: Pressed, press: Press) -> Effects:
    """A button of the step that the dialogue is in."""
    step = facts.standing.step
    match press.action:
        case buttons.PICK if step == ASK:
            effects = steps.pick(facts, press.argument, pressed.message_id)
            return (Toast(pressed.query_id), *effects)
        case buttons.CHANGE if step == CONFIRM:
            effects = steps.change(facts, press.argument, pressed.message_id)
            return (Toast(pressed.query_id), *effects)
        case buttons.CREATE if step == CONFIRM:
            return steps.create(facts, pressed)
        case buttons.CANCEL:
            language = facts.language
            screen = screens.menu(facts.shop, language, say(language, "cancelled"))
            toast = Toast(pressed.query_id, plain(language, "toast_cancelled"))
            return (toast, Move(IDLE), steps.present(screen, pressed.message_id))
        case _:
            return _old(facts, pressed, press)


def _old(facts: Facts, pressed: Pressed, press: Press | None) -> Effects:
    """A button whose time is over: nothing changes, and the user sees where we are."""
    language, answers = facts.language, facts.standing.answers
    if (
        press is not None
        and press.version is not None
        and press.action == buttons.CREATE
        and answers.get("started") == press.version
    ):
        return (Toast(pressed.query_id, plain(language, "toast_already")),)
    if pressed.message_id is not None and answers.get("at") == pressed.message_id:
        # Pressed twice: that very message has moved on already.
        return (Toast(pressed.query_id),)
    screen: Screen = steps.current(facts, language)
    return (Toast(pressed.query_id, plain(language, "toast_old")), Say(screen))
