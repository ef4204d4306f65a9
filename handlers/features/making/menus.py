"""The screens before an order: the menu of tasks, actions on a photo, lists of models, search."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import for_half_a_row, pages, rows, turning
from handlers.features.making import screens
from handlers.features.making.asking import help_of, label
from handlers.features.making.dialogue_state import (
    ABLE,
    BACK,
    CATEGORY,
    CHANGE,
    DRAW,
    FIND,
    FORGET,
    FOUND,
    MODEL,
    MODELS,
    MOST_PAGES,
    OTHER,
    RESUME,
    TASK,
    files_of,
    free,
    of_step,
)
from handlers.features.making.words import plain, say
from handlers.shop import search as finding
from handlers.shop import tasks
from handlers.shop.chips import SIGNS
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop, per_shop
from handlers.shop.terms import terms
from handlers.words.languages import named
from handlers.words.texts import Markup, shorten
from supervisor.values.foreign import whole_text

PER_PAGE = 6  #: models on a page of a list: with what each does it fits on a phone
NAME_SHOWN = 40  #: UTF-16 units of a first name
RESUME_SHOWN = 18  #: UTF-16 units of the words on the button that goes on with a card
DRAW_SHOWN = 20  #: UTF-16 units of a query on a button
#: What a button of a task may name.
TASKS = (tasks.DRAW, tasks.FILM, tasks.VOICE, *tasks.OF_PICTURES)
#: The rows of the main menu: tasks, and the category of what is left.
_ROWS = ((tasks.DRAW, tasks.FILM), (tasks.EDIT, tasks.ANIMATE), (tasks.VOICE, "tools"))


def menu(facts: Facts, language: str, lead: Markup | None = None) -> Screen:
    """What people come for, and what they have. ``lead`` stands instead of the question; whoever
    comes for the first time is greeted."""
    text = lead if lead is not None else _question(facts, language)
    text = Markup(f"{text}\n\n{_purse(facts, language)}")
    spot = facts.spot(language)
    tries = () if facts.dialogue.version else facts.places.keyboard("welcome", spot)
    ways = facts.places.keyboard("menu", spot)
    return Screen(text, (*_resume(facts, language), *tries, *_tasks(facts.shop, language), *ways))


def of_file(facts: Facts, kind: str, language: str, lead: Markup) -> Screen:
    """What can be done with the file that was given."""
    able = [each for each in facts.shop.by_use if each.takes(kind)]
    does = [
        button
        for name in tasks.OF_PICTURES
        if (button := _action(facts, name, kind, language)) is not None
    ]
    if not does:
        return _list(facts, lead, able, language, ABLE, f"{kind}:", 0, None)
    every = free(ABLE, language, f"{kind}:0", n=len(able))
    return Screen(lead, (*rows([*does, every], 2), (free(FORGET, language),)))


def accepting(facts: Facts, argument: str, language: str) -> Screen:
    """The models that do something with a file of that kind; the argument has kind and page."""
    kind, _, page = argument.partition(":")
    found = [each for each in facts.shop.by_use if each.takes(kind)]
    lead = say(language, "which_model")
    return _list(facts, lead, found, language, ABLE, f"{kind}:", _page(page), None)


def models(facts: Facts, language: str, lead: Markup | None = None) -> Screen:
    """All models by category."""
    categories = [
        Button(
            plain(language, f"category_{name}"),
            buttons.encode(CATEGORY, f"{name}:0"),
        )
        for name in facts.shop.categories
    ]
    ways = (free(FIND, language), _to_menu(language))
    return Screen(lead or say(language, "models"), (*rows(categories, 2), ways))


def category(facts: Facts, argument: str, language: str) -> Screen | None:
    """A page of a category; None: there is no such category."""
    name, _, page = argument.partition(":")
    found = [each for each in facts.shop.by_use if each.category == name]
    if not found:
        return None
    title = say(language, f"category_{name}_title", n=len(found))
    return _list(facts, title, found, language, CATEGORY, f"{name}:", _page(page), None)


def others(facts: Facts, offer: Offer, page: str, language: str) -> Screen:
    """The models that could make the same, each with its price; the card stays behind it."""
    found, version = tasks.alike(facts.shop, offer), facts.dialogue.version
    lead = say(language, "which_model")
    screen = _list(facts, lead, found, language, OTHER, "", _page(page), version)
    back = of_step(BACK, language, version)
    every = free(MODELS, language)
    return Screen(screen.text, (*screen.keyboard[:-1], (back, every)))


def found(facts: Facts, query: str, page: int, language: str, version: int) -> Screen:
    """The models that fit the query, in pages; without any, its words as a picture."""
    offers = finding.find(facts.shop, query)
    shown = shorten(query, 60)
    if offers:
        title = say(language, "found", query=shown, n=len(offers))
        return _list(facts, title, offers, language, FOUND, "", page, version)
    draw = of_step(DRAW, language, version, query=shorten(query, DRAW_SHOWN))
    ways = ((draw,), (free(MODELS, language), _to_menu(language)))
    return Screen(say(language, "found_nothing", query=shown), ways)


def searching(language: str, version: int) -> Screen:
    """The question for what to search."""
    return Screen(say(language, "search"), ((of_step(BACK, language, version),),))


def settings(
    offer: Offer, inputs: Mapping[str, Any], facts: Facts, language: str, version: int
) -> Screen:
    """What may be set beside the questions, each with its value and what it does."""
    found = [each for each in offer.settings if each.name not in SIGNS]
    lines = [
        say(language, "setting_line", label=label(each, language), what=what)
        for each in found
        if (what := help_of(each, language))
    ]
    changes = [
        Button(
            plain(
                language,
                "button_setting",
                label=label(each, language),
                value=shorten(screens.value(each, inputs, language), screens.SETTING_SHOWN),
            ),
            buttons.encode(CHANGE, each.name, version=version),
        )
        for each in found
    ]
    text = "\n".join((screens.summary(offer, inputs, facts, language), "", *lines)).rstrip()
    back = (of_step(BACK, language, version),)
    below = screens.bottom(offer, inputs, facts, language, version)
    return Screen(Markup(text), (*rows(changes, 1), back, *below))


# ---------------------------------------------------------------- internal --


def _question(facts: Facts, language: str) -> Markup:
    if facts.dialogue.version:
        return say(language, "menu_again")
    name = shorten(facts.incoming.sender.first_name or "", NAME_SHOWN)
    return say(language, "menu_named", name=name) if name else say(language, "menu")


def _purse(facts: Facts, language: str) -> Markup:
    """What is free today, and the balance."""
    left = [terms(each, facts.account).free_left or 0 for each in _free_pictures(facts.shop)]
    parts = []
    if sum(left):
        parts.append(say(language, "menu_free", n=sum(left)))
    if facts.shop.sells:
        parts.append(say(language, "menu_balance", n=facts.account.balance))
    return Markup("\n".join(parts))


def _resume(facts: Facts, language: str) -> Keyboard:
    """The way back to what was begun."""
    state = facts.dialogue.answers
    if state.get("started") is not None:
        return ()
    left = state.get("resume")
    offer = facts.shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    words = str(state.get("draft") or "")
    if offer is None and not words and not files_of(state):
        return ()
    quoted = plain(language, "card_words", text=shorten(words, RESUME_SHOWN)) if words else ""
    what = quoted or (offer.title(language) if offer else plain(language, "your_file"))
    text = plain(language, "button_resume", what=what)
    return ((Button(text, buttons.encode(RESUME)),),)


@per_shop
def _free_pictures(shop: Shop) -> Sequence[Offer]:
    """Those with a daily quota."""
    return [each for each in shop.by_use if each.kind == "image" and each.free_per_day is not None]


@per_shop
def _tasks(shop: Shop, language: str) -> Keyboard:
    """The rows of the main menu: the same for everybody."""
    return tuple(
        row
        for names in _ROWS
        if (row := tuple(each for name in names if (each := _task(shop, name, language))))
    )


def _task(shop: Shop, name: str, language: str) -> Button | None:
    known = name in shop.categories if name == "tools" else tasks.models(shop, name)
    if not known:
        return None
    return Button(plain(language, f"task_{name}"), buttons.encode(TASK, name))


def _action(facts: Facts, name: str, kind: str, language: str) -> Button | None:
    """What can be done to the file, and what it costs at least."""
    offer = tasks.begin_with(facts.shop, facts.account, name, (), kind)
    if offer is None:
        return None
    cost = _price(offer, facts, language)
    text = for_half_a_row(plain(language, f"action_{name}", price=cost))
    return Button(text, buttons.encode(TASK, name))


def _list(
    facts: Facts,
    lead: Markup,
    offers: Sequence[Offer],
    language: str,
    action: str,
    argument: str,
    page: int,
    version: int | None,
) -> Screen:
    """A page of models; the last row leads home."""
    last = pages(len(offers), PER_PAGE) - 1
    page = min(page, last)
    shown = offers[page * PER_PAGE : (page + 1) * PER_PAGE]
    text = Markup("\n\n".join(filter(None, (lead, _described(shown, language)))))
    turn = turning(action, page, last, argument, version)
    chosen: Any = rows([_model(each, facts, language) for each in shown], 1)
    return Screen(text, (*chosen, *turn, (_to_menu(language),)))


def _described(offers: Sequence[Offer], language: str) -> Markup:
    lines = [
        say(language, "menu_offer", title=each.title(language), summary=summary)
        for each in offers
        if (summary := named(each.summaries, language))
    ]
    return Markup("\n".join(lines))


def _model(offer: Offer, facts: Facts, language: str) -> Button:
    """A model with its price for this user, or its least price."""
    return _named(offer.model, offer.title(language), _price(offer, facts, language), language)


def _price(offer: Offer, facts: Facts, language: str) -> str:
    found = terms(offer, facts.account)
    key = "price_from" if offer.pricing is not None and found.price else "price_is"
    if not (found.price or found.used_up):
        key = "price_free"
    return _cost(key, found.price, language)


@lru_cache(maxsize=512)
def _cost(key: str, price: int, language: str) -> str:
    """Cached, as the buttons are: all lists together show only a few hundred."""
    return plain(language, key, n=price)


@lru_cache(maxsize=1024)
def _named(model: str, name: str, cost: str, language: str) -> Button:
    text = plain(language, "button_model", title=name, price=cost)
    return Button(text, buttons.encode(MODEL, model))


def _to_menu(language: str) -> Button:
    return Button(plain(language, "button_menu"), buttons.encode(buttons.MENU))


def _page(argument: str) -> int:
    return whole_text(argument, 0, MOST_PAGES) or 0
