"""What the press of a button leads to: right at any time, of this step, or of an older one."""

from handlers.dialogue import buttons
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import CancelJob, Effect, Move, Say, Screen, SetLanguage, Toast
from handlers.dialogue.facts import ASK, CONFIRM, IDLE, SETTINGS, Facts
from handlers.dialogue.incoming import Pressed
from handlers.dialogue.texts import other_language, plain, say
from handlers.features.desk import overview
from handlers.features.making import menus, order, replies, screens, steps
from handlers.features.paying import credits as payment

Effects = tuple[Effect, ...]


def press(facts: Facts, pressed: Pressed) -> Effects:
    """What this press leads to; it gets exactly one toast."""
    found = buttons.decode(pressed.data)
    if found is None:
        return _old(facts, pressed, None)
    if found.version is None:
        return _free_button(facts, pressed, found)
    if found.version != facts.standing.version:
        return _old(facts, pressed, found)
    return _step_button(facts, pressed, found)


def _free_button(facts: Facts, pressed: Pressed, press: Press) -> Effects:
    """A button that is right at any time."""
    language, at = facts.language, pressed.message_id
    done = Toast(pressed.query_id)
    screen = _screen(facts, press)
    if screen is not None:
        return (done, steps.present(screen, at))
    match press.action:
        case buttons.MENU:
            return (done, Move(IDLE), steps.present(menus.menu(facts, language), at))
        case buttons.NEW:
            return (done, *steps.new(facts, at=None))
        case buttons.LANGUAGE:
            other = other_language(language)
            toast = Toast(pressed.query_id, plain(other, "toast_language"))
            return (toast, SetLanguage(other), steps.present(menus.menu(facts, other), at))
        case buttons.SEARCH:
            return (done, *steps.search(facts, at))
        case buttons.MODEL:
            return (done, *steps.choose(facts, press.argument, at))
        case buttons.AGAIN:
            return (done, *steps.once_more(facts))
        case buttons.TOP_UP:
            return (done, Say(payment.top_up(facts)))
        case buttons.STOP if press.argument.isdecimal() and int(press.argument) < 2**63:
            return (CancelJob(pressed.query_id, int(press.argument), at),)
        case _:
            return _old(facts, pressed, press)


def _screen(facts: Facts, press: Press) -> Screen | None:
    """What a button only shows, changing nothing; None: it does more."""
    language, shop = facts.language, facts.shop
    match press.action:
        case buttons.HELP:
            return screens.help_screen(shop, language)
        case buttons.SUPPORT:
            return screens.support_screen(shop, language)
        case buttons.CATEGORY:
            listed = menus.category(facts, press.argument, language)
            return listed or menus.menu(facts, language)
        case buttons.BALANCE:
            return payment.balance(facts)
        case buttons.ADMIN if facts.overview is not None:
            return overview.screen(facts.overview, language)
        case _:
            return None


def _step_button(facts: Facts, pressed: Pressed, press: Press) -> Effects:
    """A button of the step that the dialogue is in."""
    step, at = facts.standing.step, pressed.message_id
    done = Toast(pressed.query_id)
    match press.action:
        case buttons.PICK if step == ASK:
            return (done, *replies.pick(facts, press.argument, at))
        case buttons.PAGE if step == ASK:
            return (done, *steps.turn(facts, press.argument, at))
        case buttons.KEEP | buttons.DONE if step == ASK:
            return (done, *replies.keep(facts, at))
        case buttons.CLEAR if step == ASK:
            return (done, *replies.clear(facts, at))
        case buttons.CHANGE if step in {CONFIRM, SETTINGS}:
            return (done, *steps.change(facts, press.argument, at))
        case buttons.SETTINGS if step == CONFIRM and (offer := steps.offer_of(facts)) is not None:
            return (done, *steps.settings(facts, offer, steps.inputs_of(facts), at))
        case buttons.BACK if step != IDLE:
            return (done, *steps.back(facts, at))
        case buttons.CREATE if step == CONFIRM:
            return order.create(facts, pressed)
        case buttons.CANCEL:
            language = facts.language
            screen = menus.menu(facts, language, say(language, "cancelled"))
            toast = Toast(pressed.query_id, plain(language, "toast_cancelled"))
            return (toast, Move(IDLE), steps.present(screen, at))
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
