"""The way to a model: main menu, categories, search. Most used first."""

from collections.abc import Sequence
from functools import lru_cache

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import pages, rows, turning
from handlers.features.making import actions
from handlers.features.making.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from handlers.words.languages import named
from handlers.words.texts import Markup

PER_PAGE = 8  #: models on a page of a category or of what was found


def menu(facts: Facts, language: str, lead: Markup | None = None) -> Screen:
    """The most used models and the ways to the others; ``lead`` stands instead of the greeting."""
    shop = facts.shop
    name = shop.bot_name or plain(language, "my_name")
    text = lead or say(language, "menu", bot=name)
    offers = shop.favourites
    models = [_model(each, facts, language) for each in offers]
    ways = facts.places.keyboard("menu", facts.spot(language))
    if len(shop.offers) <= len(offers):
        text = Markup(f"{text}\n\n{_described(offers, language)}")
        return Screen(text, (*rows(models, 1), *ways))
    # With the ways to all the others the screen of a phone is full: no descriptions here.
    more = (*rows(_categories(shop, language), 2), (_search(language),))
    return Screen(text, (*rows(models, 1), *more, *ways))


def category(facts: Facts, argument: str, language: str) -> Screen | None:
    """A page of a category; None: there is no such category."""
    name, _, number = argument.partition(":")
    offers = [each for each in facts.shop.by_use if each.category == name]
    if not offers or not (number == "" or number.isdecimal()):
        return None
    last = pages(len(offers), PER_PAGE) - 1
    page = min(int(number[:4] or "0"), last)
    shown = offers[page * PER_PAGE : (page + 1) * PER_PAGE]
    title = say(language, f"category_{name}_title", n=len(offers))
    turn = turning(actions.CATEGORY, page, last, f"{name}:", None)
    return _list(facts, title, shown, language, (*turn, _back_to_menu(language)))


def found(facts: Facts, query: str, language: str) -> Screen:
    """The models whose names or descriptions have all the words of the query."""
    words = query.casefold().split()
    offers = [each for each in facts.shop.by_use if _matches(each, words)]
    key = "found" if offers else "found_nothing"
    title = say(language, key, query=query[:60], n=len(offers), shown=min(len(offers), PER_PAGE))
    ways = ((_search(language), *_back_to_menu(language)),)
    return _list(facts, title, offers[:PER_PAGE], language, ways)


def accepting(facts: Facts, kind: str, language: str, lead: Markup) -> Screen:
    """The models that do something with a file of that kind."""
    offers = [each for each in facts.shop.by_use if each.takes(kind) in each.questions]
    return _list(facts, lead, offers[:PER_PAGE], language, (_back_to_menu(language),))


def searching(language: str, version: int) -> Screen:
    back = actions.of_step(actions.BACK, language, version)
    return Screen(say(language, "search"), ((back,),))


# ---------------------------------------------------------------- internal --


def _list(
    facts: Facts, lead: Markup, offers: Sequence[Offer], language: str, ways: Keyboard
) -> Screen:
    text = Markup("\n\n".join(filter(None, (lead, _described(offers, language)))))
    return Screen(text, (*rows([_model(each, facts, language) for each in offers], 1), *ways))


def _described(offers: Sequence[Offer], language: str) -> Markup:
    lines = [
        say(language, "menu_offer", title=each.title(language), summary=summary)
        for each in offers
        if (summary := named(each.summaries, language))
    ]
    return Markup("\n".join(lines))


def _model(offer: Offer, facts: Facts, language: str) -> Button:
    """A model with what it costs this user, or what it costs at least."""
    found = terms(offer, facts.account)
    key = "price_from" if offer.pricing is not None and found.price else "price_is"
    if not (found.price or found.used_up):
        key = "price_free"
    return _priced(offer.model, offer.title(language), key, found.price, language)


@lru_cache(maxsize=1024)
def _priced(model: str, name: str, key: str, price: int, language: str) -> Button:
    """Remembered, because every menu shows some of a few hundred such buttons."""
    cost = plain(language, key, n=price)
    text = plain(language, "button_model", title=name, price=cost)
    return Button(text, buttons.encode(actions.MODEL, model))


def _categories(shop: Shop, language: str) -> list[Button]:
    return [
        Button(
            plain(language, f"category_{name}", n=count),
            buttons.encode(actions.CATEGORY, f"{name}:0"),
        )
        for name, count in shop.categories.items()
    ]


def _search(language: str) -> Button:
    return Button(plain(language, "button_search"), buttons.encode(actions.SEARCH))


def _back_to_menu(language: str) -> tuple[Button, ...]:
    return (Button(plain(language, "button_menu"), buttons.encode(buttons.MENU)),)


def _matches(offer: Offer, words: Sequence[str]) -> bool:
    known = " ".join((offer.model, *offer.titles.values(), *offer.summaries.values())).casefold()
    return all(word in known for word in words)
