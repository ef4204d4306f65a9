"""The card of a user, with buttons for everything that an operator can do about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading
from handlers.features.people.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup, measured, shorten
from supervisor.database.transactions import Row, Tx
from supervisor.values.foreign import printable

MOST_SUMMED = 2000  #: entries, payments and jobs of one user; a longer life is summed in part
ERROR_SHOWN = 100  #: UTF-16 units

_SQL = sql.load("people")


@dataclass(frozen=True, slots=True)
class Card:
    """What the database knows of one user."""

    row: Mapping[str, Any]
    failed: Sequence[Row] = ()

    @property
    def user_id(self) -> int:
        return int(self.row["user_id"])


def read(tx: Tx, bot_id: int, user_id: int) -> Card | None:
    named = {"bot_id": bot_id, "user_id": user_id}
    row = tx.one(_SQL["card"], {**named, "most": MOST_SUMMED})
    return None if row is None else Card(row, tx.all(_SQL["failed_jobs"], named))


def pressed(reading: Reading) -> Card | None:
    """The user whom the button names."""
    number = reading.press.number if reading.press is not None else None
    return None if number is None else read(reading.tx, reading.installation.bot_id, number)


def press(facts: Facts, press: Press, found: Card | None) -> Effects:
    if found is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    return (present(screen(facts, found), press.at),)


def screen(facts: Facts, found: Card) -> Screen:
    language, row = facts.language, found.row
    states = [
        plain(language, f"jobs_{state}", n=count)
        for state, count in sorted(row["states"].items())
        if count
    ]
    lines = [
        say(
            language,
            "card",
            name=name_of(row, language),
            first=_beside(row),
            user=str(row["user_id"]),
            spoken=row["language"] or "—",
            since=moments.date(language, row["since"]),
            seen=measured(language, row["seen_seconds"]),
            balance=row["balance"],
            spent=row["spent"],
            stars=row["stars"],
            by_hand=row["by_hand"],
            jobs=", ".join(states) or plain(language, "jobs_none"),
        )
    ]
    if max(row["entries"], row["jobs"]) >= MOST_SUMMED:
        lines.append(say(language, "card_partly", n=MOST_SUMMED))
    if row["banned"]:
        lines.append(say(language, "card_banned"))
    if not row["reachable"]:
        lines.append(say(language, "card_unreachable"))
    lines += [
        say(
            language,
            "card_error",
            at=moments.moment(language, each["at"]),
            job=str(each["id"]),
            error=shorten(f"{each['model']}: {printable(each['error'])}", ERROR_SHOWN),
        )
        for each in found.failed
    ]
    return Screen(Markup("\n".join(lines)), _keyboard(facts, found))


def _keyboard(facts: Facts, found: Card) -> tuple[tuple[Button, ...], ...]:
    language, spot = facts.language, Spot(facts.language, facts.shop, user_id=found.user_id)
    key = "unban" if found.row["banned"] else "ban"
    ban = Button(plain(language, f"button_person_{key}"), encode(f"person_{key}", found.user_id))
    return (
        *facts.places.keyboard("person", spot),
        (ban,),
        *facts.places.keyboard("people", spot),
    )


def name_of(row: Mapping[str, Any], language: str) -> str:
    if row["username"]:
        return f"@{row['username']}"
    return (row["first_name"] or "").strip() or plain(language, "name_unknown")


def _beside(row: Mapping[str, Any]) -> str:
    """The first name behind the @name, unless it says the same."""
    first, name = (row["first_name"] or "").strip(), row["username"]
    same = not name or first.casefold() == str(name).casefold()
    return "" if same or not first else f" {first}"


def back(language: str, user_id: int) -> Button:
    """To the card."""
    return Button(plain(language, "button_card"), encode("person", user_id))
