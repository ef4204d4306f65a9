"""``/history``: the user's works as one message that is edited, a work at a time.

A work is shown by the name under which Telegram keeps its file: nothing is fetched or made again.
Pages go by the job's number, so that new works do not move the others. A button says
``way:filter:job``: the way is newer, older, the first of a filter, or the star, on or off.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import sql
from handlers.delivery.payloads import Payload, saying
from handlers.delivery.sent_messages import showing_kept
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Keyboard, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Pressed
from handlers.dispatch.feature import Reading
from handlers.features.results import captions, made, result_buttons
from handlers.features.results.keeping import Star, Tell
from handlers.features.results.made import Made
from handlers.features.results.onward import subject
from handlers.features.results.words import plain, say
from handlers.shop.offers import as_ordered
from handlers.words import moments
from handlers.words.texts import Markup
from supervisor.database.transactions import Row

_SQL = sql.load("results")

WORKS = "works"  #: the action of its buttons
NEWER, OLDER, FIRST, STAR, UNSTAR = "n", "o", "f", "s", "u"
ALL, STARRED = "all", "star"
FILTERS = (ALL, "image", "video", "audio", STARRED)
NEWEST = 2**63 - 1  #: newer than every job


@dataclass(frozen=True, slots=True)
class Work:
    """The work that is shown, and where it stands."""

    made: Made
    at: datetime
    place: int
    works: int


def newest(reading: Reading) -> Work | None:
    """The newest of all works. None: there is none."""
    return _found(reading, ALL, OLDER, NEWEST)


def turned(reading: Reading) -> Work | None:
    """The work that the button leads to. None: there is none, or the button is of no use."""
    way, chosen, number = _parts(reading.press)
    if way == FIRST:
        return _found(reading, chosen, OLDER, NEWEST)
    if way in {STAR, UNSTAR}:
        return _found(reading, ALL, OLDER, number + 1)
    return _found(reading, chosen, way, number) or _found(
        reading, chosen, way, NEWEST if way == OLDER else 0
    )


def ask(facts: Facts, _command: Command, work: Work | None) -> Effects:
    """``/history``"""
    if work is None:
        return (Tell(_empty(facts)),)
    return (Tell(_shown(facts, work, ALL, None)),)


def open_works(facts: Facts, _press: Press, work: Work | None) -> Effects:
    """``/history`` by a button: a message of its own."""
    return (Tell(_empty(facts) if work is None else _shown(facts, work, ALL, None)),)


def turn(facts: Facts, pressed: Press, work: Work | None) -> Effects:
    """Another work in the same message, or the star of this one."""
    way, chosen, number = _parts(pressed)
    if work is None:
        return (Toast(plain(facts.language, "toast_no_works")),)
    incoming = facts.incoming
    stars = way in {STAR, UNSTAR}
    if stars and work.made.job_id == number and isinstance(incoming, Pressed):
        after = replace(work.made, starred=way == STAR)
        keys = keyboard(facts, after, chosen, work.works)
        return (Star(incoming.query_id, work.made, way == STAR, pressed.under, keys),)
    return (Tell(_shown(facts, work, chosen, pressed.under)),)


def keyboard(facts: Facts, shown: Made, chosen: str, works: int) -> Keyboard:
    """The buttons of the result, and the ways to the other works."""
    language = facts.language
    here = _press(UNSTAR if shown.starred else STAR, chosen, shown.job_id)
    star = result_buttons.star(shown.job_id, language, starred=shown.starred)
    rows = [
        tuple(Button(each.text, here) if each == star else each for each in row)
        for row in result_buttons.keyboard(subject(shown), facts.shop, facts.account, language)
    ]
    turning = (
        Button("‹", _press(NEWER, chosen, shown.job_id)),
        Button("›", _press(OLDER, chosen, shown.job_id)),
    )
    filters = tuple(
        Button(
            plain(language, f"works_{each}", mark="•" if each == chosen else ""),
            _press(FIRST, each, 0),
        )
        for each in FILTERS
    )
    return (*rows, turning, filters) if works > 1 else (*rows, filters)


# ---------------------------------------------------------------- internal --


def _shown(facts: Facts, work: Work, chosen: str, message_id: int | None) -> Payload:
    """One of its files by its name; several are told apart by their number under the buttons."""
    language, shown = facts.language, work.made
    offer, answers = as_ordered(facts.shop.offers, shown.model, shown.inputs)
    title = offer.title(language) if offer is not None else shown.model
    words = str(shown.inputs.get("prompt", ""))
    if offer is not None:
        words = offer.words_of(answers)
    caption = captions.caption(
        facts.shop.offers.get(shown.model),
        title,
        shown.inputs,
        words=words,
        seconds=None,
        price=None,
        account=facts.account,
        language=language,
    )
    where = say(
        language, "work_place", day=moments.day(language, work.at), n=work.place, all=work.works
    )
    parts = [caption, where]
    if len(shown.kept) > 1:
        parts.append(say(language, "work_files", n=len(shown.kept)))
    lost = say(language, "work_lost", title=title)
    price = result_buttons.repeat_price(offer, answers, facts.account) if offer else None
    again = ((result_buttons.again(shown.job_id, price, language),),) if offer else ()
    return showing_kept(
        shown.kept[0],
        Markup("\n".join(parts)),
        keyboard(facts, shown, chosen, work.works),
        message_id=message_id,
        lost=lost,
        instead=again,
    )


def _empty(facts: Facts) -> Payload:
    return saying(facts.sentence(say(facts.language, "history_empty")))


def _found(reading: Reading, chosen: str, way: str, anchor: int) -> Work | None:
    offers = reading.facts.shop.offers.values()
    kinds = None if chosen in {ALL, STARRED} else [o.model for o in offers if o.kind == chosen]
    named = {
        **reading.named,
        "models": kinds,
        "starred": chosen == STARRED,
        "anchor": anchor,
    }
    row = reading.tx.one(_SQL["work_before" if way == OLDER else "work_after"], named)
    if row is None:
        return None
    parts = reading.tx.all(_SQL["sent_parts"], {**named, "job_id": row["id"]})
    counted = reading.tx.one(_SQL["count_works"], {**named, "anchor": row["id"]})
    return _work(row, parts, counted or {"works": 1, "place": 1})


def _work(row: Row, parts: list[Row], counted: Row) -> Work | None:
    shown = made.of(row, parts)
    return Work(shown, row["at"], counted["place"], counted["works"]) if shown.kept else None


def _press(way: str, chosen: str, job_id: int) -> str:
    return encode(WORKS, f"{way}:{chosen}:{job_id}")


def _parts(pressed: Press | None) -> tuple[str, str, int]:
    """Way, filter and job of a button; the newest work if the button cannot be read."""
    way, chosen, digits = (*(pressed.argument if pressed else "").split(":"), "", "", "")[:3]
    number = made.job_number(digits) or 0
    if way not in {NEWER, OLDER, FIRST, STAR, UNSTAR} or chosen not in FILTERS:
        return FIRST, ALL, 0
    return way, chosen, number
