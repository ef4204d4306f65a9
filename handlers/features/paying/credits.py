"""What something costs this user now, and the screens that are about credits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Book, Button, Screen
from handlers.dialogue.facts import Facts, Shop
from handlers.dialogue.offers import Offer
from handlers.dialogue.texts import Markup, escape, plain, say, shorten
from kie.money.ledger import Account, Booked, Entry

ENTRIES_SHOWN = 5  #: of the ledger on the screen of the balance
NOTE_SHOWN = 60  #: UTF-16 units of a note in a line


@dataclass(frozen=True, slots=True)
class Terms:
    """The price of one more job of a model."""

    price: int  #: 0: free
    free_left: int | None  #: times that are still free today; None: not counted

    @property
    def used_up(self) -> bool:
        """There is nothing more to have today, not even for credits."""
        return self.free_left == 0 and self.price == 0


def terms(offer: Offer, account: Account, inputs: Mapping[str, Any] | None = None) -> Terms:
    """Free within the day's quota, then the price; without a quota always the price.

    Before there are inputs the price is the least that they may make it.
    """
    price = offer.price if inputs is None else offer.price_of(inputs)
    if offer.free_per_day is None:
        return Terms(price, None)
    left = max(0, offer.free_per_day - account.free_used.get(offer.model, 0))
    return Terms(0 if left else price, left)


def running(shop: Shop, account: Account, kind: str) -> int:
    """Jobs without an end whose results are of this kind."""
    return sum(
        jobs
        for model, jobs in account.running.items()
        if model in shop.offers and shop.offers[model].kind == kind
    )


def price(found: Terms, language: str) -> str:
    """A price in words, short enough for a button."""
    if found.price:
        return plain(language, "credits", n=found.price)
    if found.free_left is None:
        return plain(language, "free")
    return plain(language, "free_left", n=found.free_left)


def not_enough(facts: Facts, offer: Offer, found: Terms) -> Screen:
    """The balance does not cover it: how much is missing, and how to get it."""
    language = facts.language
    text = say(
        language,
        "not_enough",
        title=offer.titles.get(language, offer.model),
        price=found.price,
        balance=facts.account.balance,
        missing=found.price - facts.account.balance,
    )
    return Screen(text, (_ways(facts),) if _ways(facts) else ())


def balance(facts: Facts) -> Screen:
    """What there is, what is free today, and what was booked lately."""
    language = facts.language
    lines = [say(language, "balance", n=facts.account.balance)]
    free = [
        say(
            language,
            "balance_free",
            title=offer.titles.get(language, offer.model),
            n=terms(offer, facts.account).free_left or 0,
            most=offer.free_per_day,
        )
        for offer in facts.shop.offers.values()
        if offer.free_per_day is not None
    ]
    if free:
        lines.append(Markup(say(language, "balance_free_title") + "".join(free)))
    if facts.entries:
        entries = "".join(_entry(each, language) for each in facts.entries)
        lines.append(Markup(say(language, "balance_entries_title") + entries))
    menu = Button(plain(language, "button_menu"), buttons.encode(buttons.MENU))
    return Screen(Markup("\n\n".join(lines)), ((*_ways(facts), menu),))


def top_up(facts: Facts) -> Screen:
    """Where to pay by hand; only what the operator has set."""
    language, found = facts.language, facts.shop.payment
    back = Button(plain(language, "button_balance"), buttons.encode(buttons.BALANCE))
    if not found.shown:
        return Screen(say(language, "topup_hidden"), ((back, *_support(facts)),))
    set_ones = [
        say(language, f"topup_{name}", value=value)
        for name in ("bank", "card", "holder", "phone")
        if (value := getattr(found, name))
    ]
    text = say(
        language,
        "topup",
        requisites=Markup("".join(set_ones)),
        user=facts.incoming.sender.user_id,
    )
    return Screen(text, ((back, *_support(facts)),))


def booked(found: Booked, effect: Book, language: str) -> Markup:
    """For the operator: what was booked."""
    return say(
        language,
        "booked",
        what=plain(language, f"entry_{effect.kind}", job=effect.target),
        amount=_signed(found.amount),
        user=found.user_id,
        balance=found.balance,
    )


def told(found: Booked, effect: Book, language: str) -> Screen:
    """For the user: what happened to their balance, and why."""
    text = say(
        language,
        "booked_for_you",
        what=plain(language, f"entry_{effect.kind}", job=effect.target),
        amount=_signed(found.amount),
        balance=found.balance,
        note=Markup(f"\n<i>{escape(effect.note)}</i>") if effect.note else "",
    )
    back = Button(plain(language, "button_balance"), buttons.encode(buttons.BALANCE))
    return Screen(text, ((back,),))


def _entry(entry: Entry, language: str) -> Markup:
    what = plain(language, f"entry_{entry.kind}", job=entry.job_id or "")
    note = f" ({shorten(entry.note, NOTE_SHOWN)})" if entry.note and entry.kind != "opening" else ""
    return say(
        language,
        "balance_entry",
        date=entry.at.strftime("%Y-%m-%d"),
        what=f"{what}{note}",
        amount=_signed(entry.amount),
    )


def _ways(facts: Facts) -> tuple[Button, ...]:
    """How to come by credits: nothing is shown that leads nowhere."""
    if not facts.shop.payment.shown:
        return _support(facts)
    return (Button(plain(facts.language, "button_topup"), buttons.encode(buttons.TOP_UP)),)


def _support(facts: Facts) -> tuple[Button, ...]:
    if not facts.shop.support.shown:
        return ()
    return (Button(plain(facts.language, "button_support"), buttons.encode(buttons.SUPPORT)),)


def _signed(amount: int) -> str:
    return f"{amount:+d}".replace("-", "−")
