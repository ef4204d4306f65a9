"""Receipts that wait, for operators: the oldest ones are shown again with their buttons."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Work
from handlers.features.receipts import screens
from handlers.features.receipts.words import plain, say
from kie.money import receipts

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ShowWaiting(Effect):
    """The oldest receipts that nobody has decided."""


def press(_facts: Facts, _press: Press) -> Effects:
    return (ShowWaiting(),)


def show(_effect: ShowWaiting, work: Work) -> Sequence[Delivery]:
    """Each as a message of its own; a decision works from any of them."""
    language = work.facts.language
    operators = sorted(work.facts.shop.admins)
    found = receipts.open_ones(work.tx, work.installation.bot_id, operators, MOST_SHOWN)
    if not found:
        screen = work.facts.at_desk(say(language, "receipts_none"))
        return [work.told("answer", saying(screen))]
    deliveries = []
    for row in found:
        shown = (row["file_kind"], row["file_id"])
        payload = screens.to_operators(row, *shown, row["seen"], language)
        deliveries.append(work.told("notice", payload, key=str(row["id"])))
    return deliveries


def button(spot: Spot) -> Button:
    number = spot.waiting.get("receipts", 0)
    n = "99+" if number >= 100 else str(number)
    return Button(plain(spot.language, "button_receipts", n=n), encode("receipts"))
