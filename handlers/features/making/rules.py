"""What commands and buttons of making lead to. One function per thing that a user can do."""

import re

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Home, Move, Say, Screen, Toast, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command, Pressed
from handlers.features.making import asking, drafts, menus, order, replies, screens, steps
from handlers.features.making.dialogue_state import asked_of, inputs_of, offer_of
from handlers.features.making.job_effects import CancelJob
from handlers.features.making.names import ASK, CONFIRM, SETTINGS
from handlers.features.making.words import plain, say
from handlers.words.texts import Markup

# ---------------------------------------------------------------- commands --


def start(_facts: Facts, _command: Command) -> Effects:
    """``/start``, ``/menu``"""
    return (Home(),)


def new(facts: Facts, _command: Command) -> Effects:
    """``/new``"""
    return steps.new(facts, at=None)


def search(facts: Facts, command: Command) -> Effects:
    """``/search``, with or without what to search for."""
    if command.arguments:
        return (Say(menus.found(facts, command.arguments, facts.language)),)
    return steps.search(facts, None)


def cancel(facts: Facts, _command: Command) -> Effects:
    """``/cancel``: what is being made goes on, which is said."""
    language = facts.language
    begun = facts.dialogue.step in {ASK, CONFIRM, SETTINGS}
    text: str = say(language, "cancelled" if begun else "nothing_to_cancel")
    running = sum(facts.account.running.values())
    if running:
        text += say(language, "still_running", n=running)
    return (Move(IDLE), Say(facts.sentence(Markup(text))))


# ------------------------------------------------- buttons right at any time --


def press_menu(_facts: Facts, press: Press) -> Effects:
    """The main menu in place of the message with the button."""
    return (Home(at=press.at),)


def press_new(facts: Facts, _press: Press) -> Effects:
    """Something new, below the result that the button stands under."""
    return steps.new(facts, at=None)


def press_search(facts: Facts, press: Press) -> Effects:
    """The next text is what is searched for."""
    return steps.search(facts, press.at)


def press_model(facts: Facts, press: Press) -> Effects:
    """A model was chosen."""
    return steps.choose(facts, press.argument, press.at)


def link_model(facts: Facts, press: Press) -> Effects:
    """The link to a model: its name with ``-`` for what a link cannot carry."""
    wanted = press.argument.lower()
    found = next((each for each in facts.shop.offers if slug(each) == wanted), press.argument)
    return steps.choose(facts, found, None)


def slug(model: str) -> str:
    """A model's name in the argument of a link."""
    return re.sub(r"[^a-z0-9]+", "-", model.lower())


def press_category(facts: Facts, press: Press) -> Effects:
    """A page of a category."""
    listed = menus.category(facts, press.argument, facts.language)
    shown = listed or menus.menu(facts, facts.language)
    return (present(shown, press.at),)


def press_stop(facts: Facts, press: Press) -> Effects | None:
    """A queued job is not wanted any more."""
    pressed = facts.incoming
    if press.number is None or not isinstance(pressed, Pressed):
        return None
    return (CancelJob(pressed.query_id, press.number, press.at),)


# ------------------------------------------------------- buttons of one step --


def press_pick(facts: Facts, press: Press) -> Effects:
    """One of the choices."""
    return replies.pick(facts, press.argument, press.at)


def press_page(facts: Facts, press: Press) -> Effects:
    """Another page of the choices."""
    return steps.turn(facts, press.argument, press.at)


def press_keep(facts: Facts, press: Press) -> Effects:
    """The answer stays, or a list of files is complete."""
    return replies.keep(facts, press.at)


def press_clear(facts: Facts, press: Press) -> Effects:
    """The answer is taken away."""
    return replies.clear(facts, press.at)


def press_change(facts: Facts, press: Press) -> Effects:
    """One answer is to be given anew."""
    return steps.change(facts, press.argument, press.at)


def press_settings(facts: Facts, press: Press) -> Effects | None:
    """All that may be set."""
    offer = offer_of(facts)
    return None if offer is None else steps.settings(facts, offer, inputs_of(facts), press.at)


def press_back(facts: Facts, press: Press) -> Effects:
    """One step back."""
    return steps.back(facts, press.at)


def press_other(facts: Facts, press: Press) -> Effects:
    """The same wish by another model: words and files stay."""
    return (Home(say(facts.language, "which_model"), press.at),)


def press_create(facts: Facts, press: Press) -> Effects:
    """The job."""
    return order.create(facts, press)


def press_cancel(facts: Facts, press: Press) -> Effects:
    """What was begun is left."""
    language = facts.language
    toast = Toast(plain(language, "toast_cancelled"))
    return (toast, Home(say(language, "cancelled"), press.at, forget=True))


# --------------------------------------------------------- steps once more --


def show_menu(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The main menu, with what is kept for a model."""
    screen = menus.menu(facts, language, lead)
    return Screen(Markup(screen.text + drafts.line(facts, language)), screen.keyboard)


def show_question(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question that is open."""
    offer, asked = offer_of(facts), asked_of(facts)
    if offer is None or asked is None:
        return menus.menu(facts, language, lead)
    back = facts.dialogue.answers.get("back")
    version = facts.dialogue.version
    screen = asking.question(offer, asked, inputs_of(facts), language, version, opened_from=back)
    return steps.under(lead, screen)


def show_confirmation(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """What will be made."""
    offer = offer_of(facts)
    if offer is None:
        return menus.menu(facts, language, lead)
    version = facts.dialogue.version
    return steps.under(lead, screens.confirm(offer, inputs_of(facts), facts, language, version))


def show_settings(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """What may be set."""
    offer = offer_of(facts)
    if offer is None:
        return menus.menu(facts, language, lead)
    version = facts.dialogue.version
    return steps.under(lead, screens.settings(offer, inputs_of(facts), facts, language, version))


def show_search(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question for what to search."""
    return steps.under(lead, menus.searching(language, facts.dialogue.version))
