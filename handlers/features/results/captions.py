"""What stands under a result: the words, and model · settings · seconds · price."""

from collections.abc import Iterator, Mapping
from typing import Any

from handlers.features.results.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.terms import terms
from handlers.words.languages import named
from handlers.words.spacing import unbroken
from handlers.words.texts import Markup, escape, measured, shorten
from kie.catalogue.input import Input, InputType
from kie.money.ledger import Account

CAPTION_PROMPT = 600  #: UTF-16 units of a prompt in a caption, which takes 1024 in all
SETTINGS_SHOWN = 3


def caption(
    offer: Offer | None,
    title: str,
    inputs: Mapping[str, Any],
    *,
    words: str,
    seconds: float | None,
    price: int | None,
    account: Account,
    language: str,
) -> Markup:
    """``seconds``: how long it took; ``price``: what it cost. None: that is not told."""
    parts: list[str] = [f"<b>{escape(title)}</b>"]
    parts += [escape(unbroken(each)) for each in settings(offer, inputs, language)]
    if seconds is not None:
        parts.append(measured(language, seconds))
    if price is not None:
        parts.append(_paid(offer, price, account, language))
    line = Markup(" · ".join(parts))
    shown = shorten(words.strip(), CAPTION_PROMPT)
    return Markup(f"{escape(shown)}\n\n{line}") if shown else line


def settings(offer: Offer | None, inputs: Mapping[str, Any], language: str) -> Iterator[str]:
    """What was chosen, in a word each; what the model does by itself is not said."""
    asked = (*offer.questions, *offer.settings) if offer is not None else ()
    told = 0
    for each in asked:
        value = inputs.get(each.name)
        chosen = each.required or value != each.default
        if value is None or not chosen or told == SETTINGS_SHOWN:
            continue
        brief = _brief(each, value, language)
        if brief:
            told += 1
            yield brief


def _brief(asked: Input, value: Any, language: str) -> str:
    """The value by itself, where it says enough; empty: it does not."""
    if asked.name == "duration":
        return plain(language, "exact_seconds", n=value)
    if asked.type is not InputType.CHOICE:
        return ""
    titles = asked.labels.get(value)
    return named(titles, language) if titles else str(value)


def _paid(offer: Offer | None, price: int, account: Account, language: str) -> Markup:
    if price:
        return say(language, "caption_paid", n=price)
    left = terms(offer, account).free_left if offer is not None else None
    return say(language, "caption_free") if left is None else say(language, "caption_left", n=left)
