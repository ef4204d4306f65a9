"""The tasks of the menu, and the model with which each begins.

A task is named by what is wanted, not by a model: a picture, a clip, a voice, or one of the
things that can be done to a file (``kie/catalogue/file_actions.py``). Every task has a model that
it begins with: the user's last one for it, else the one that costs this user the least now, so a
free one comes first. Of what is done to a file the catalogue names the best.
"""

from collections.abc import Sequence
from typing import Any

from handlers.shop.offers import Offer
from handlers.shop.shop import Shop, per_shop
from handlers.shop.terms import terms
from kie.money.ledger import Account

DRAW, FILM, VOICE = "draw", "film", "voice"
EDIT, ANIMATE, CUTOUT, UPSCALE, SPEAK = "edit", "animate", "cutout", "upscale", "speak"
#: Actions on a picture, in the order of the menu.
OF_PICTURES = (EDIT, ANIMATE, CUTOUT, UPSCALE, SPEAK)
#: What a command makes of the words that follow it.
OF_COMMAND = {"image": DRAW, "imagine": DRAW, "video": FILM, "photo": EDIT}
#: Tasks that need only words: kind and category of the model.
_OF_WORDS = {DRAW: ("image", "image"), FILM: ("video", "video"), VOICE: ("audio", "audio")}
#: What else is made of the words for a result of this kind.
_INSTEAD = {"image": FILM, "video": DRAW, "audio": DRAW}
#: The input of models that read a text aloud.
SPOKEN = "text"


def models(shop: Shop, task: str, file_kind: str = "image") -> Sequence[Offer]:
    """The models on sale that do it: most used first, or the best first."""
    return _of_words(shop, task) if task in _OF_WORDS else shop.able_to(task, file_kind)


def begin_with(
    shop: Shop,
    account: Account,
    task: str,
    recent: Sequence[str],
    file_kind: str = "image",
    words: str = "",
) -> Offer | None:
    """The model of the task; ``recent``: the user's models, the last one first. One that takes the
    ``words`` comes before one that does not. None: no model that is on sale does it."""
    able = models(shop, task, file_kind)
    if words:
        able = [each for each in able if each.takes_words(words)] or able
    known = {each.model: each for each in able}
    last = next((known[each] for each in recent if each in known), None)
    if last is not None or task not in _OF_WORDS:
        return last or next(iter(able), None)
    return min(able, key=lambda each: _cost(each, account), default=None)


def instead(shop: Shop, offer: Offer) -> str:
    """The task that makes another thing of the same words; empty: there is none."""
    other = _INSTEAD.get(offer.kind, "") if offer.listed else ""
    return other if other and models(shop, other) else ""


def alike(shop: Shop, offer: Offer) -> Sequence[Offer]:
    """The models that make the same kind of result from the same input: words, with or without a
    file."""
    return [
        each
        for each in shop.by_use
        if each.kind == offer.kind
        and each.category == offer.category
        and each.required_files == offer.required_files
    ]


@per_shop
def usual_price(shop: Shop, task: str) -> int | None:
    """What a card of the task costs that says only words, when nothing of it is free; None: it is
    always free, or no model does it."""
    prices = [each.price_of(each.accepted(_only_words(each))) for each in models(shop, task)]
    return min((price for price in prices if price), default=None)


@per_shop
def _of_words(shop: Shop, task: str) -> Sequence[Offer]:
    return [each for each in shop.by_use if _does(each, task)]


def _does(offer: Offer, task: str) -> bool:
    prompt = offer.prompt
    of_words = prompt in offer.questions and not offer.required_files
    if not of_words or prompt is None or (offer.kind, offer.category) != _OF_WORDS[task]:
        return False
    return task != VOICE or prompt.name == SPOKEN


def _cost(offer: Offer, account: Account) -> tuple[bool, int]:
    """The sort key: offers that are used up last, then by the price that its card will show."""
    found = terms(offer, account, offer.accepted(_only_words(offer)))
    return found.used_up, found.price


def _only_words(offer: Offer) -> dict[str, Any]:
    """A description, and defaults for the rest."""
    usual = dict(offer.defaults)
    if offer.prompt is not None:
        usual[offer.prompt.name] = "x"  # what is read aloud is paid by its length
    return usual
