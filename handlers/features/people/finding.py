"""Finds a user by number, @name, forwarded message, number of a payment or receipt."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effects, Keyboard, Move, Say, Screen, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dispatch.feature import Reading
from handlers.features.people import card
from handlers.features.people.card import Card
from handlers.features.people.words import plain, say
from handlers.words.texts import Markup
from supervisor.database.transactions import Row, Tx

FINDING = "finding"  #: the step
_NUMBER, _NAME = re.compile(r"[0-9]{1,18}"), re.compile(r"@?([A-Za-z][A-Za-z0-9_]{3,31})")
_SQL = sql.load("people")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found. One user: the card. Several: who they are."""

    words: str = ""
    why: str = ""  #: why there is nobody: the end of the key ``find_…``
    rows: Sequence[Row] = ()
    card: Card | None = None


# ------------------------------------------------------------------- loading --


def by_words(reading: Reading) -> Found:
    """The user whom a command, a text or a forwarded message names."""
    incoming = reading.facts.incoming
    forwarded = incoming.sender.forwarded
    words = ""
    if isinstance(incoming, Command) and forwarded is None:
        words = incoming.arguments
    elif isinstance(incoming, Text) and forwarded is None:
        words = incoming.text
    elif forwarded is not None:
        words = str(forwarded) if forwarded else ""
        if not forwarded:
            return Found(why="hidden")
    return search(reading, words.strip())


def search(reading: Reading, words: str) -> Found:
    """The users whom these words name."""
    bot_id = reading.installation.bot_id
    rows, why = named(reading.tx, bot_id, words)
    users = {row["user_id"] for row in rows}
    shown = words[:40]
    if len(users) != 1:
        return Found(shown, why, rows)
    return Found(shown, "", rows, card.read(reading.tx, bot_id, users.pop()))


def named(tx: Tx, bot_id: int, words: str) -> tuple[Sequence[Row], str]:
    """The users, and why there is none."""
    if not words:
        return (), "empty"
    words = words.removeprefix("#").removeprefix("№").strip()
    if _NUMBER.fullmatch(words):
        rows = tx.all(_SQL["find_by_number"], {"bot_id": bot_id, "number": int(words)})
        return rows, "" if rows else "no_number"
    name = _NAME.fullmatch(words)
    if name is None:
        return (), "no_sense"
    rows = tx.all(_SQL["find_by_name"], {"bot_id": bot_id, "name": name[1]})
    return rows, "" if rows else "no_name"


def only_former(rows: Sequence[Row]) -> bool:
    """Whether nobody here is known to have the name now."""
    return all(row["how"] == "former" for row in rows)


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, command: Command, found: Found) -> Effects:
    """``/user``, ``/user 42``, ``/user @anna``"""
    if not command.arguments:
        return (Move(FINDING), Say(_prompt(facts, facts.language)))
    return (Say(screen(facts, found)),)


def press(facts: Facts, press: Press) -> Effects:
    """The button of the panel: whom?"""
    return (Move(FINDING), present(_prompt(facts, facts.language), press.at))


def searched(facts: Facts, _incoming: object, found: Found) -> Effects:
    """Whatever came in the step: the card, several users, or why nobody."""
    if found.card is None and not found.rows:
        return (Again(_why(facts, found)),)
    return (Move(IDLE), Say(screen(facts, found)))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    prompt = _prompt(facts, language)
    return prompt if lead is None else Screen(lead, prompt.keyboard)


# ------------------------------------------------------------------- screens --


def screen(facts: Facts, found: Found) -> Screen:
    """The card, or the users to choose from, or why there is none."""
    if found.card is not None:
        return card.screen(facts, found.card)
    if not found.rows:
        return Screen(_why(facts, found), _rows_of_panel(facts))
    language = facts.language
    several = {row["user_id"]: row for row in reversed(found.rows)}
    buttons: Keyboard = tuple(
        (
            Button(
                plain(
                    language,
                    f"found_{row['how']}",
                    name=card.name_of(row, language),
                    user=str(row["user_id"]),
                ),
                encode("person", row["user_id"]),
            ),
        )
        for row in several.values()
    )
    key = "find_former" if only_former(found.rows) else "find_several"
    text = say(language, key, words=found.words)
    return Screen(text, (*buttons, *_rows_of_panel(facts)))


def _why(facts: Facts, found: Found) -> Markup:
    return say(facts.language, f"find_{found.why}", words=found.words)


def _prompt(facts: Facts, language: str) -> Screen:
    return Screen(say(language, "find"), _rows_of_panel(facts))


def _rows_of_panel(facts: Facts) -> Keyboard:
    return facts.places.keyboard("operators", facts.spot())
