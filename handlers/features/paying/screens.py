"""The balance and the ways to more credits."""

from collections.abc import Sequence

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.features.paying.words import plain, say
from handlers.shop import worth
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from handlers.words.texts import Markup, shorten, signed
from kie.money.ledger import Entry
from kie.money.packs import Pack

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
    if facts.shop.packs:
        lines.append(_packs(facts.shop, language))
    keyboard = facts.places.keyboard("balance", facts.spot())
    return Screen(Markup("\n\n".join(lines)), (*pack_buttons(facts.spot()), *keyboard))


def top_up(facts: Facts) -> Screen:
    """The packs, and where to pay by hand; only what the operator has set."""
    language, found = facts.language, facts.shop.payment
    keyboard = facts.places.keyboard("topup", facts.spot())
    buttons = pack_buttons(facts.spot())
    if not found.shown and not buttons:
        return Screen(say(language, "topup_hidden"), keyboard)
    lines = [say(language, "topup_title", n=facts.account.balance)]
    if buttons:
        lines.append(_packs(facts.shop, language))
    if found.shown:
        set_ones = [
            say(language, f"topup_{name}", value=value)
            for name in ("bank", "card", "holder", "phone")
            if (value := getattr(found, name))
        ]
        requisites = Markup("".join(set_ones))
        user = facts.incoming.sender.user_id
        lines.append(say(language, "topup_by_hand", requisites=requisites, user=user))
    return Screen(Markup("\n\n".join(lines)), (*buttons, *keyboard))


def pack_buttons(spot: Spot) -> Keyboard:
    """A row for each pack that is sold for Stars; the one that is enough stands first."""
    return tuple((_pack(each, spot.language),) for each in worth.for_stars(spot.shop, spot.missing))


def smallest_pack(spot: Spot) -> Button | None:
    """The smallest pack that covers what is missing; None: none does."""
    packs = worth.for_stars(spot.shop, spot.missing)
    if not packs or packs[0].credits < spot.missing:
        return None
    return _pack(packs[0], spot.language)


def _pack(pack: Pack, language: str) -> Button:
    text = plain(language, "button_pack", n=pack.credits, stars=pack.stars)
    return Button(text, encode("buy", pack.id))


def _packs(shop: Shop, language: str) -> Markup:
    """What one credit costs, and what each pack is enough for."""
    price = worth.stars_per_credit(shop)
    lines = []
    if price is not None:
        shown = f"{price:.2f}".rstrip("0").rstrip(".")
        if language == "ru":
            shown = shown.replace(".", ",")
        lines.append(say(language, "credit_price", price=shown))
    for pack in worth.for_stars(shop):
        enough = worth.enough(shop, pack.credits)
        key = "pack_worth" if enough.images and enough.videos else "pack_worth_images"
        if enough.images:
            lines.append(
                say(language, key, n=pack.credits, images=enough.images, videos=enough.videos)
            )
    return Markup("\n".join(lines))


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
