"""The balance and the ways to more credits."""

from collections.abc import Sequence

from handlers.dialogue.effects import Screen
from handlers.dialogue.facts import Facts
from handlers.features.paying.words import plain, say
from handlers.shop.terms import terms
from handlers.words.texts import Markup, shorten, signed
from kie.money.ledger import Entry

NOTE_SHOWN = 60  #: UTF-16 units of a note in a line
_NOTED = {"topup", "grant", "refund"}  #: kinds whose notes people have written


def balance(facts: Facts, entries: Sequence[Entry]) -> Screen:
    """What there is, what is free today, and what was booked lately."""
    language = facts.language
    lines = [say(language, "balance", n=facts.account.balance)]
    free = [
        say(
            language,
            "balance_free",
            title=offer.title(language),
            n=terms(offer, facts.account).free_left or 0,
            most=offer.free_per_day,
        )
        for offer in facts.shop.offers.values()
        if offer.free_per_day is not None
    ]
    if free:
        lines.append(Markup(say(language, "balance_free_title") + "".join(free)))
    if entries:
        listed = "".join(_entry(each, language) for each in entries)
        lines.append(Markup(say(language, "balance_entries_title") + listed))
    return Screen(Markup("\n\n".join(lines)), facts.places.keyboard("balance", facts.spot()))


def top_up(facts: Facts) -> Screen:
    """Where to pay by hand; only what the operator has set."""
    language, found = facts.language, facts.shop.payment
    keyboard = facts.places.keyboard("topup", facts.spot())
    if not found.shown:
        return Screen(say(language, "topup_hidden"), keyboard)
    set_ones = [
        say(language, f"topup_{name}", value=value)
        for name in ("bank", "card", "holder", "phone")
        if (value := getattr(found, name))
    ]
    text = say(
        language, "topup", requisites=Markup("".join(set_ones)), user=facts.incoming.sender.user_id
    )
    return Screen(text, keyboard)


def _entry(entry: Entry, language: str) -> Markup:
    what = plain(language, f"entry_{entry.kind}", job=entry.job_id or "")
    note = f" ({shorten(entry.note, NOTE_SHOWN)})" if entry.note and entry.kind in _NOTED else ""
    return say(
        language,
        "balance_entry",
        date=entry.at.strftime("%Y-%m-%d"),
        what=f"{what}{note}",
        amount=signed(entry.amount),
    )
