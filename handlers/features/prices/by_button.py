"""The buttons under the list of prices: what to change is pressed, and the number is typed.

What is typed is read as the words behind ``/prices`` are, so both ways have the same checks and the
same confirmation.
"""

from collections.abc import Sequence

from handlers.dialogue import before
from handlers.dialogue.buttons import MOST_BYTES, Press, encode
from handlers.dialogue.effects import Again, Button, Effects, Keyboard, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dialogue.keyboards import pages, rows, turning
from handlers.features.prices import asked
from handlers.features.prices.asked import Wrong
from handlers.features.prices.rules import (
    CHANGED_SHOWN,
    asked_for,
    changed_models,
    in_words,
    of_page,
    propose,
)
from handlers.features.prices.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import Markup
from kie.money.packs import Pack

TYPED = "price_typed"
#: What is changed → the words before what is typed.
_WORDS = {
    "markup": "markup ",
    "budget": "budget ",
    "new": "pack ",
    "new_monthly": "monthly ",
    "renewals": "renewals ",
    "model": "",
}


def prices(facts: Facts, command: Command) -> Effects:
    """``/prices``, alone or with a change."""
    if command.arguments:
        return asked_for(facts, command.arguments)
    return (Say(Screen(in_words(facts, 0), keyboard(facts, 0)), stays=True),)


def press(facts: Facts, press: Press) -> Effects:
    """The list, from the panel, or another page of it."""
    back = facts.places.keyboard("operators", facts.spot())
    page = min(press.number or 0, _last(facts.shop))
    return (present(Screen(in_words(facts, page), (*keyboard(facts, page), *back)), press.at),)


def keyboard(facts: Facts, page: int) -> Keyboard:
    """A button for everything that can be changed, or go back to the file on that page."""
    language, shop = facts.language, facts.shop
    packs = [
        Button(plain(language, _key(each), n=each.credits), _of(_named(each)))
        for each in shop.packs
    ]
    others = [Button(plain(language, f"button_price_{what}"), _of(what)) for what in _WORDS]
    changed = [*of_page(changed_models(shop), page)]
    changed += ["markup"] if shop.tariffs.markup is not None else []
    changed += ["budget"] if shop.tariffs.budget is not None else []
    changed += ["renewals"] if shop.tariffs.renewals is not None else []
    resets = [
        Button(plain(language, "button_price_reset", what=each), _done(f"reset {each}"))
        for each in changed
        if len(_done(f"reset {each}")) <= MOST_BYTES
    ]
    turns = turning("prices", page, _last(shop), "", None)
    return (*rows(packs, 2), *rows(others, 2), *rows(resets, 1), *turns)


def ask(facts: Facts, press: Press) -> Effects:
    """The number is asked for."""
    what = press.argument
    sold = {_named(each) for each in facts.shop.packs}
    if what not in {*_WORDS, *sold}:
        return (Again(),)
    screen = _wanted(facts, what, facts.dialogue.version + 1)
    return (before.enter(facts, TYPED, {"what": what}), Say(screen))


def typed(facts: Facts, text: Text) -> Effects:
    """The number, and for a pack the price by hand behind it."""
    what = str(facts.dialogue.answers["what"])
    words = f"{_WORDS.get(what, f'{what} ')}{text.text.strip()}"
    found = asked.read(words, facts.shop)
    if isinstance(found, Wrong):
        why = plain(facts.language, f"why_{found.why}")
        return (Again(say(facts.language, "price_typed_bad", why=why)),)
    return propose(before.outside(facts), found)


def at_once(facts: Facts, press: Press) -> Effects:
    """A pack is hidden, or something goes back to the file: shown and confirmed."""
    found = asked.read(press.argument, facts.shop)
    if isinstance(found, Wrong):
        return (Again(),)
    return propose(facts, found)


def left(facts: Facts, press: Press) -> Effects:
    said = facts.at_desk(say(facts.language, "prices_left"))
    return (before.back(facts), present(said, press.at))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question once more."""
    del language
    screen = _wanted(facts, str(facts.dialogue.answers["what"]), facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def _wanted(facts: Facts, what: str, version: int) -> Screen:
    language = facts.language
    leave = Button(
        plain(language, "button_prices_leave"), encode("price_typed_leave", version=version)
    )
    hide: Sequence[tuple[Button, ...]] = ()
    key = what
    kind, _, credits = what.partition(" ")
    if credits:
        key = kind
        named = f"hide monthly {credits}" if kind == "monthly" else f"hide {credits}"
        hide = ((Button(plain(language, "button_price_hide"), _done(named)),),)
    return Screen(say(language, f"price_wanted_{key}"), (*hide, (leave,)))


def _last(shop: Shop) -> int:
    """The last page of models with a price of their own."""
    return pages(len(changed_models(shop)), CHANGED_SHOWN) - 1


def _named(pack: Pack) -> str:
    return f"{'monthly' if pack.monthly else 'pack'} {pack.credits}"


def _key(pack: Pack) -> str:
    return "button_price_monthly" if pack.monthly else "button_price_pack"


def _of(what: str) -> str:
    return encode("price_of", what)


def _done(words: str) -> str:
    return f"price_do||{words}"
