"""Chooses the model for a wish: words, with or without files, sent without choosing a model.

It is the model that costs this user the least now, so a free one comes first. Its other inputs must
have defaults. The card that shows the wish lets the user choose another model.
"""

from collections.abc import Sequence
from typing import Any

from handlers.shop.offers import Offer, per_offer
from handlers.shop.shop import Shop, per_shop
from handlers.shop.tasks import SPOKEN
from handlers.shop.terms import terms
from handlers.words.wished import format_of
from kie.catalogue.input import Input, InputType
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account

KIND = "image"  #: the kind of result for a wish, unless the user chooses another
AT_MOST = "max_images"
#: Inputs that say how many are made.
COUNTS = ("n", "num_images", AT_MOST)
#: Inputs that say which shape a picture or clip has.
FORMATS = ("aspect_ratio", "image_size", "ratio")


def model_for(
    shop: Shop, account: Account, words: str, files: Sequence[UserFile], kind: str = KIND
) -> Offer | None:
    """The model that makes this kind of these words and files; None: the user has to choose."""
    able = [
        offer
        for offer in shop.offers.values()
        if offer.kind == kind
        and offer.category == kind
        and offer.listed
        and _able(shop, offer, words, files)
    ]
    return min(able, key=lambda each: _cost(each, account, words, files), default=None)


def several(shop: Shop, account: Account, offer: Offer, words: str) -> tuple[Offer, Input] | None:
    """The model that makes more than one of the same words at once, and the input that says how
    many; None: this one does, or none does."""
    able = [each for each in _counting_for(shop, offer.model) if each[0].takes_words(words)]
    return min(able, key=lambda each: _exact(each, account, words), default=None)


def makes_several(shop: Shop, offer: Offer, words: str) -> bool:
    """Whether ``several`` finds one."""
    return any(each.takes_words(words) for each, _ in _counting_for(shop, offer.model))


def inputs_for(offer: Offer, words: str, files: Sequence[UserFile]) -> dict[str, Any]:
    """The answers that the wish gives, and defaults for what is asked beside them."""
    inputs = {**offer.defaults, **format_in(offer, words)}
    if offer.prompt is not None:
        inputs[offer.prompt.name] = words
    for file in files:
        asked = offer.takes(file.kind)
        if asked is not None:
            inputs = offer.with_file(inputs, asked, file)
    return inputs


def format_in(offer: Offer, words: str) -> dict[str, Any]:
    """The shape that the words ask for, where the model has it."""
    asked = format_input(offer)
    shape = format_of(words) if asked is not None else None
    if asked is None or shape is None or shape not in asked.choices:
        return {}
    return {asked.name: shape}


@per_offer
def format_input(offer: Offer) -> Input | None:
    """What decides about the shape; None: the model has no choice there."""
    known = (offer.input(name) for name in FORMATS)
    return next((each for each in known if each and each.type is InputType.CHOICE), None)


def _able(shop: Shop, offer: Offer, words: str, files: Sequence[UserFile]) -> bool:
    if not offer.takes_words(words) or _is_spoken(offer):
        return False
    if not files:
        # Which words they are does not matter to the other inputs.
        return _works_on_words(shop, offer.model)
    wanted = [each for each in offer.questions if each.is_file]
    return _fit(wanted, files) and _is_complete(offer, inputs_for(offer, words, files))


def _is_spoken(offer: Offer) -> bool:
    """Whether the words are read aloud."""
    return offer.prompt is not None and offer.prompt.name == SPOKEN


@per_shop
def _works_on_words(shop: Shop, model: str) -> bool:
    """Whether the model makes something of words alone: the rest has good defaults."""
    offer = shop.offers[model]
    if offer.prompt is None or offer.required_files:
        return False
    words = "a" * max(offer.prompt.min_length, 1)
    return _is_complete(offer, inputs_for(offer, words, ()))


def _is_complete(offer: Offer, inputs: dict[str, Any]) -> bool:
    return offer.open_question(inputs) is None and not offer.check(offer.accepted(inputs))


def _fit(wanted: Sequence[Input], files: Sequence[UserFile]) -> bool:
    """Whether the model takes exactly these files."""
    if len(wanted) != 1:
        return False  # the file must be what the model works on
    asked = wanted[0]
    kinds = {file.kind for file in files}
    room = asked.max_items if asked.many else 1
    return (
        kinds == {asked.type.value}
        and len(files) <= room
        and all(asked.file_problem(file) is None for file in files)
    )


@per_shop
def _counting_for(shop: Shop, model: str) -> Sequence[tuple[Offer, Input]]:
    """The models that make more than one picture of words alone where this one makes one, each
    with the input for their number."""
    offer = shop.offers[model]
    if offer.kind != KIND or _count(offer) is not None:
        return ()
    return [
        (each, count)
        for each in shop.by_use
        if (each.kind, each.category) == (KIND, offer.category)
        and (count := _count(each)) is not None
        and _works_on_words(shop, each.model)
        and not _is_spoken(each)
    ]


@per_offer
def _count(offer: Offer) -> Input | None:
    """The input that says how many are made."""
    return next((each for each in (*offer.questions, *offer.settings) if each.name in COUNTS), None)


def _exact(
    found: tuple[Offer, Input], account: Account, words: str
) -> tuple[bool, tuple[bool, int]]:
    """The sort key: a model that makes exactly so many comes before one with a limit."""
    offer, count = found
    return count.name == AT_MOST, _cost(offer, account, words, ())


def _cost(
    offer: Offer, account: Account, words: str, files: Sequence[UserFile]
) -> tuple[bool, int]:
    """The sort key: offers that are used up last, then by price."""
    found = terms(offer, account, offer.accepted(inputs_for(offer, words, files)))
    return found.used_up, found.price
