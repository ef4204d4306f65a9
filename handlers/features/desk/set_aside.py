"""Updates that were set aside: their list in pages, and one more try for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import toasting
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Pressed
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading, Work
from handlers.features.desk.overview import count
from handlers.features.desk.pages import Page, older, page
from handlers.features.desk.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup, shorten
from supervisor.runtime.wakeups import INBOX
from supervisor.values.foreign import printable

PER_PAGE = 5
ERROR_SHOWN = 200  #: UTF-16 units

_SQL, _STATUS = sql.load("desk"), sql.load("status")


@dataclass(frozen=True, slots=True)
class Retry(Effect):
    """Let the update be handled again."""

    seq: int
    query_id: str


def read(reading: Reading) -> Page:
    found = page(reading, "set_aside_page", PER_PAGE)
    clean = reading.installation.clean
    rows = [{**row, "error": printable(clean(row["error"]))} for row in found.rows]
    return Page(rows, more=found.more)


def press(facts: Facts, press: Press, found: Page) -> Effects:
    """The list."""
    language = facts.language
    lines = [
        say(
            language,
            "set_aside_line",
            id=str(row["id"]),
            at=moments.moment(language, row["at"]),
            kind=row["kind"],
            tries=row["tries"],
            error=shorten(row["error"], ERROR_SHOWN),
        )
        for row in found.rows
    ]
    text = say(language, "set_aside", lines=Markup("".join(lines))) if lines else None
    retries = tuple((_retry(language, row["id"]),) for row in found.rows if row["replayable"])
    keyboard = (*retries, *older(found, "set_aside", language))
    keyboard = (*keyboard, *facts.places.keyboard("operators", facts.spot()))
    return (present(Screen(text or say(language, "set_aside_none"), keyboard), press.at),)


def press_retry(facts: Facts, press: Press) -> Effects:
    pressed = facts.incoming
    if press.number is None or not isinstance(pressed, Pressed):
        return (Toast(plain(facts.language, "toast_no_retry"), alert=True),)
    return (Retry(press.number, pressed.query_id),)


def retry(effect: Retry, work: Work) -> Sequence[Delivery]:
    """One more try, and a row in the log of acts."""
    named = {"bot_id": work.installation.bot_id, "id": effect.seq}
    row = work.tx.one(_STATUS["replay_update"], named)
    key = "toast_no_retry" if row is None else "toast_retry"
    if row is not None:
        work.acted("retry", effect.seq, before="set aside", after="new")
        work.tx.wake(INBOX)
    toast = Toast(plain(work.facts.language, key), alert=row is None)
    return [work.told("toast", toasting(effect.query_id, toast))]


def button(spot: Spot) -> Button:
    number = spot.waiting.get("set_aside", 0)
    label = plain(spot.language, "button_set_aside", n=count(number))
    return Button(label, encode("set_aside"))


def retry_button(spot: Spot) -> Button | None:
    """Under the notice about one update."""
    return _retry(spot.language, spot.number) if spot.number else None


def _retry(language: str, seq: int) -> Button:
    return Button(plain(language, "button_retry", id=str(seq)), encode("retry_update", seq))
