"""The latest payments in Stars, for operators, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Keyboard, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading
from handlers.features.paysupport import returns, screens
from handlers.features.paysupport.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup
from kie.money import payments
from supervisor.database.transactions import Row

PER_PAGE = 6


@dataclass(frozen=True, slots=True)
class Page:
    """Payments of everybody or of one user, and whether there are more."""

    rows: Sequence[Row] = ()
    more: bool = False
    user_id: int | None = None


def read(reading: Reading) -> Page:
    """The page after the payment that the button names; ``<user>:<payment>`` of one user."""
    argument = reading.press.argument if reading.press is not None else ""
    user, _, before = argument.rpartition(":")
    numbers = [
        int(each) if each.isascii() and each.isdecimal() and len(each) < 17 else None
        for each in (user, before)
    ]
    rows = payments.page(
        reading.tx, reading.installation.bot_id, numbers[0], numbers[1], PER_PAGE + 1
    )
    return Page(rows[:PER_PAGE], len(rows) > PER_PAGE, numbers[0])


def press(facts: Facts, press: Press, found: Page) -> Effects:
    """A line and a button for each."""
    language = facts.language
    lines = [
        say(
            language,
            "payments_line",
            date=moments.moment(language, row["at"]),
            number=str(row["number"]),
            stars=row["stars"],
            credits=row["credits"],
            name=screens.name_of(row),
            state=plain(language, f"state_{row['state']}"),
        )
        for row in found.rows
    ]
    shown = [
        Button(plain(language, "button_payment", number=str(row["number"])), _card(row["number"]))
        for row in found.rows
    ]
    rows: Keyboard = tuple(tuple(shown[start : start + 3]) for start in range(0, len(shown), 3))
    if found.more:
        prefix = "" if found.user_id is None else f"{found.user_id}:"
        older = encode("payments", f"{prefix}{found.rows[-1]['number']}")
        rows = (*rows, (Button(plain(language, "button_older_payments"), older),))
    text = say(language, "payments", lines=Markup("".join(lines) or say(language, "no_payments")))
    panel = facts.places.keyboard("operators", facts.spot())
    return (present(Screen(text, (*rows, *panel)), press.at),)


def press_card(facts: Facts, press: Press, found: Row | None) -> Effects:
    """One payment, with what can be done."""
    if found is None:
        return (Toast(plain(facts.language, "return_unknown"), alert=True),)
    return (present(screens.card(found, facts.language, returns.asked(facts, found)), press.at),)


def button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_payments"), encode("payments"))


def of_person(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_payments"), encode("payments", f"{spot.user_id}:"))


def _card(number: int) -> str:
    return encode("pay_card", number)
