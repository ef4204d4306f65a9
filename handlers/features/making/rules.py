"""What commands and buttons of making lead to. One function per thing that a user can do."""

import re
from collections.abc import Sequence

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effects, Home, Say, Screen, Toast, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command, Pressed, Text
from handlers.features.making import menus, order, replies, screens, steps, wish_card
from handlers.features.making.dialogue_state import (
    ASK,
    CONFIRM,
    MOST_PAGES,
    SETTINGS,
    asked_of,
    at_hand,
    files_of,
    inputs_of,
    kept,
    line,
    offer_of,
    remember,
    remember_search,
)
from handlers.features.making.job_effects import CancelJob
from handlers.features.making.words import plain, say
from handlers.shop import tasks
from handlers.words.texts import Markup
from supervisor.values.foreign import whole_text

# ---------------------------------------------------------------- commands --


def start(_facts: Facts, _command: Command) -> Effects:
    """``/start``, ``/menu``, ``/new``"""
    return (Home(),)


def models(facts: Facts, _command: Command) -> Effects:
    """``/models``: every model, by category."""
    return (Say(menus.models(facts, facts.language)),)


def search(facts: Facts, command: Command) -> Effects:
    """``/search``, with or without what to search for."""
    sent = Text(command.sender, command.arguments, command.message_id, command.date)
    return remember_search(steps.search(facts, None, sent.text), sent)


def draw(facts: Facts, command: Command, recent: Sequence[str]) -> Effects:
    """``/image``, with or without words."""
    return _begin(facts, tasks.DRAW, command, recent)


def film(facts: Facts, command: Command, recent: Sequence[str]) -> Effects:
    """``/video``, with or without words."""
    return _begin(facts, tasks.FILM, command, recent)


def photo(facts: Facts, command: Command, recent: Sequence[str]) -> Effects:
    """``/photo``: what can be done with the photo that is kept, else it is asked for."""
    files = files_of(at_hand(facts))
    if files and not command.arguments and command.file is None:
        lead = say(facts.language, "which_action")
        return (Say(menus.of_file(facts, files[-1].kind, facts.language, lead)),)
    return _begin(facts, tasks.EDIT, command, recent)


def cancel(facts: Facts, _command: Command) -> Effects:
    """``/cancel``: what is being made goes on, which is said."""
    language = facts.language
    begun = facts.dialogue.step != IDLE or bool(kept(facts))
    text: str = say(language, "cancelled" if begun else "nothing_to_cancel")
    running = sum(facts.account.running.values())
    if running:
        text += say(language, "still_running", n=running)
    return (Home(Markup(text), forget=True),) if begun else (Say(Screen(Markup(text))),)


def _begin(facts: Facts, task: str, command: Command, recent: Sequence[str]) -> Effects:
    """The task's model, the command's words being the wish."""
    sent = Text(command.sender, command.arguments, command.message_id, command.date)
    if command.file is not None:
        return replies.of_picture(facts, command.file, sent, command.name)
    offer = tasks.begin_with(facts.shop, facts.account, task, recent, words=sent.text)
    if offer is None:
        return (Home(say(facts.language, "model_gone")),)
    if not command.arguments and at_hand(facts).get("draft"):
        return steps.choose(facts, offer.model, None)
    return remember(steps.choose(facts, offer.model, None, words=sent.text), sent, sent.text, task)


# ------------------------------------------------- buttons right at any time --


def press_menu(_facts: Facts, press: Press) -> Effects:
    """The main menu in place of the message with the button."""
    return (Home(at=press.at),)


def press_task(facts: Facts, press: Press, recent: Sequence[str]) -> Effects | None:
    """What somebody came for, or what is to be done to the file that is kept."""
    task, files = press.argument, files_of(at_hand(facts))
    if task == "tools":
        if files:
            lead = say(facts.language, "which_action")
            screen = menus.of_file(facts, files[-1].kind, facts.language, lead)
            return (present(screen, press.at),)
        shown = menus.category(facts, "tools:0", facts.language)
        return None if shown is None else (present(shown, press.at),)
    # The newest file that it can be done to; else a photo is asked for.
    kinds = dict.fromkeys((*(each.kind for each in reversed(files)), "image"))
    able = (tasks.begin_with(facts.shop, facts.account, task, recent, kind) for kind in kinds)
    offer = next((each for each in able if each is not None), None)
    if offer is None:
        return steps.no_offer(facts, press.at) if task in menus.TASKS else None
    return steps.choose(facts, offer.model, press.at, action=task)


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


def press_models(facts: Facts, press: Press) -> Effects:
    """All models by category."""
    return (present(menus.models(facts, facts.language), press.at),)


def press_category(facts: Facts, press: Press) -> Effects:
    """A page of a category."""
    listed = menus.category(facts, press.argument, facts.language)
    return (present(listed or menus.models(facts, facts.language), press.at),)


def press_able(facts: Facts, press: Press) -> Effects:
    """A page of the models that take the file that is kept."""
    return (present(menus.accepting(facts, press.argument, facts.language), press.at),)


def press_resume(facts: Facts, press: Press) -> Effects:
    """The card that is open or was left for the menu, or what was kept without one."""
    if facts.dialogue.step in {ASK, CONFIRM, SETTINGS}:
        return (Again(at=press.at),)
    begun = steps.resume(facts, press.at) or wish_card.resumed_wish(facts, press.at)
    return begun or (Home(at=press.at),)


def press_forget(facts: Facts, press: Press) -> Effects:
    """Forget what is kept."""
    return (
        Toast(plain(facts.language, "toast_forgotten")),
        Home(at=press.at, forget=True),
    )


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


def press_found(facts: Facts, press: Press) -> Effects:
    """Another page of what was found."""
    query, version = str(facts.dialogue.answers.get("query") or ""), facts.dialogue.version
    page = whole_text(press.argument, 0, MOST_PAGES) or 0
    return (present(menus.found(facts, query, page, facts.language, version), press.at),)


def press_draw(facts: Facts, press: Press) -> Effects | None:
    """The words that found no model become a picture."""
    return replies.draw(facts, press.at)


def press_keep(facts: Facts, press: Press) -> Effects:
    """The answer stays, or a list of files is complete."""
    return replies.keep(facts, press.at)


def press_clear(facts: Facts, press: Press) -> Effects:
    """The answer is taken away."""
    return replies.clear(facts, press.at)


def press_undo(facts: Facts, press: Press) -> Effects | None:
    """The words before the last ones."""
    return replies.undo(facts, press.at)


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


def press_card(_facts: Facts, press: Press) -> Effects:
    """From a list of models back to the card."""
    return (Again(at=press.at),)


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
    return Screen(Markup(screen.text + line(facts, language)), screen.keyboard)


def show_question(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question that is open."""
    offer, asked = offer_of(facts), asked_of(facts)
    if offer is None or asked is None:
        return menus.menu(facts, language, lead)
    return steps.under(lead, steps.question(facts, offer, asked, language))


def show_confirmation(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """What will be made."""
    offer = offer_of(facts)
    if offer is None:
        return menus.menu(facts, language, lead)
    version, undo = facts.dialogue.version, bool(facts.dialogue.answers.get("before"))
    screen = screens.confirm(offer, inputs_of(facts), facts, language, version, undo=undo)
    return steps.under(lead, screen)


def show_settings(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """What may be set."""
    offer = offer_of(facts)
    if offer is None:
        return menus.menu(facts, language, lead)
    version = facts.dialogue.version
    return steps.under(lead, menus.settings(offer, inputs_of(facts), facts, language, version))


def show_search(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question for what to search, or what was found."""
    query, version = str(facts.dialogue.answers.get("query") or ""), facts.dialogue.version
    if not query:
        return steps.under(lead, menus.searching(language, version))
    return steps.under(lead, menus.found(facts, query, 0, language, version))
