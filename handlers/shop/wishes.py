"""Chooses the model for a wish: words, with or without files, sent without choosing a model.

It is the model that costs this user the least now, so a free one comes first. Its other inputs must
have defaults. The card that shows the wish lets the user choose another model.
"""

from collections.abc import Sequence
from typing import Any

from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account

KIND = "image"  #: the kind of result for a wish, unless the user chooses another


def model_for(shop: Shop, account: Account, words: str, files: Sequence[UserFile]) -> Offer | None:
    """The model for these words and files; None: the user has to choose."""
    able = [
        offer
        for offer in shop.offers.values()
        if offer.kind == KIND
        and offer.category == KIND
        and offer.listed
        and _able(offer, words, files)
    ]
    return min(able, key=lambda each: _cost(each, account, words, files), default=None)


def inputs_for(offer: Offer, words: str, files: Sequence[UserFile]) -> dict[str, Any]:
    """The answers that the wish gives, and defaults for what is asked beside them."""
    inputs = dict(offer.defaults)
    if offer.prompt is not None:
        inputs[offer.prompt.name] = words
    for file in files:
        asked = offer.takes(file.kind)
        if asked is not None:
            inputs = offer.with_file(inputs, asked, file)
    return inputs


def _able(offer: Offer, words: str, files: Sequence[UserFile]) -> bool:
    prompt = offer.prompt
    if prompt is None or prompt.problem(words) is not None:
        return False
    wanted = [each for each in offer.questions if each.is_file]
    if not files and wanted:
        return False
    if files and not _fit(wanted, files):
        return False
    inputs = inputs_for(offer, words, files)
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


def _cost(
    offer: Offer, account: Account, words: str, files: Sequence[UserFile]
) -> tuple[bool, int]:
    """The sort key: offers that are used up last, then by price."""
    found = terms(offer, account, offer.accepted(inputs_for(offer, words, files)))
    return found.used_up, found.price
