"""What goes on from a result by kie.ai's own name for it: a clip that is extended or upgraded, a
song that is extended."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Compose, Effects, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import for_half_a_row
from handlers.dispatch.feature import Reading
from handlers.features.results.made import job_number
from handlers.features.results.words import plain
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from kie.catalogue.follow import Earlier, sources
from kie.money.ledger import Account
from supervisor.values.foreign import whole_text

_SQL = sql.load("results")

FOLLOW = "follow"  #: argument: the job, the model, the number of the file from 1


def earlier(reading: Reading) -> tuple[Earlier, int | None] | None:
    """The job that the button names, as kie.ai knows it, and the message that it answers."""
    number = job_number(reading.press.argument) if reading.press is not None else None
    if number is None:
        return None
    row = reading.tx.one(_SQL["earlier_job"], {**reading.named, "job_id": number})
    if row is None:
        return None
    songs = tuple(str(song.get("number") or "") for song in row["songs"] or ())
    return Earlier(row["model"], row["inputs"], row["task_id"], songs), row["source"]


def follow(facts: Facts, press: Press, found: tuple[Earlier, int | None] | None) -> Effects:
    """The card of the model that goes on from it."""
    _, model, part = (*press.argument.split(":"), "", "")[:3]
    offer = facts.shop.offers.get(model)
    if found is None or offer is None:
        return (Toast(plain(facts.language, "toast_past_gone"), alert=True),)
    job, source = found
    number = whole_text(part, 0, 99)
    fits = any(each.fits(job.model, job.inputs) for each in offer.follows)
    taken = sources(offer.sources, job, (1 if number is None else number) - 1) if fits else None
    if taken is None:
        return (Toast(plain(facts.language, "toast_past_gone"), alert=True),)
    return (Compose(offer.model, taken, source=source),)


def buttons(
    job_id: int,
    model: str,
    inputs: Mapping[str, Any],
    files: int,
    shop: Shop,
    account: Account,
    language: str,
) -> Sequence[Button]:
    """One for each model that goes on from such a job; for several songs one for each."""
    return [
        button
        for offer in shop.offers.values()
        if any(each.fits(model, inputs) for each in offer.follows)
        for button in _of(
            offer, Earlier(model, inputs, "x", ("x",) * files), job_id, files, account, language
        )
    ]


def _of(
    offer: Offer, job: Earlier, job_id: int, files: int, account: Account, language: str
) -> Iterator[Button]:
    key = f"button_follow_{offer.model.rpartition('/')[2]}"
    by_part = any(each.takes == "song" for each in offer.sources)
    price = _price(offer, job, account)
    for number in range(1, (files if by_part else 1) + 1):
        text = plain(language, key)
        if by_part and files > 1:
            text = f"{text} {number}"
        shown = for_half_a_row(plain(language, "button_priced", text=text, n=price))
        yield Button(shown, encode(FOLLOW, f"{job_id}:{offer.model}:{number}"))


def _price(offer: Offer, job: Earlier, account: Account) -> int:
    """What the card will say: it takes over how the result was made."""
    inputs = dict(sources(offer.sources, job, 0) or {})
    if offer.prompt is not None:
        inputs[offer.prompt.name] = "x"
    return terms(offer, account, offer.accepted({**offer.defaults, **inputs})).price
