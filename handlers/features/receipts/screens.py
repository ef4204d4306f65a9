"""How requisites and receipts look, for users and for operators."""

from collections.abc import Mapping
from typing import Any

from handlers.delivery.payloads import Payload
from handlers.delivery.sent_messages import showing_kept
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.features.receipts.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import Markup

COPIED = 256  #: characters that Telegram copies for a button


def requisites(facts: Facts, language: str, asked: Mapping[str, Any], version: int) -> Screen:
    """Where to pay and how much, with buttons that copy."""
    leave = Button(
        plain(language, "button_leave_receipt"), encode("receipt_leave", version=version)
    )
    if not facts.shop.by_hand:
        return Screen(say(language, "requisites_gone"), ((leave,),))
    what = plain(language, "requisites_any")
    if asked["credits"]:
        what = plain(language, "requisites_pack", n=int(asked["credits"]), money=asked["money"])
    user = facts.incoming.sender.user_id
    shown = _set_ones(facts.shop, language)
    text = say(language, "requisites", what=what, requisites=shown, user=user)
    copied = {
        "card": facts.shop.payment.card,
        "phone": facts.shop.payment.phone,
        "number": str(user),
    }
    buttons = tuple(
        Button(plain(language, f"button_copy_{name}"), copy=value)
        for name, value in copied.items()
        if 0 < len(value) <= COPIED
    )
    return Screen(text, (*((each,) for each in buttons), (leave,)))


def to_operators(
    found: Mapping[str, Any], kind: str, file_id: str, seen: int | None, language: str
) -> Payload:
    """The file of a receipt, who sent it, and what can be decided."""
    caption = _caption(found, seen, language)
    keyboard = _decisions(found["id"], found["credits"], language)
    more: dict[str, Any] = {"lost": caption, "instead": keyboard}
    return showing_kept((kind, file_id), caption, keyboard, message_id=None, **more)


def page(
    number: int,
    kind: str,
    file_id: str,
    language: str,
    *,
    key: str = "receipt_page",
    seen: int | None,
) -> Payload:
    """Another page of a receipt, or the file that its user has put in place of one."""
    marked = "" if seen is None else plain(language, "receipt_seen", id=seen)
    caption = Markup(say(language, key, id=number) + marked)
    more: dict[str, Any] = {"lost": caption, "instead": ()}
    return showing_kept((kind, file_id), caption, (), message_id=None, **more)


def _set_ones(shop: Shop, language: str) -> Markup:
    """Only what the operator has set."""
    names = ("bank", "card", "holder", "phone")
    return Markup(
        "".join(
            say(language, f"requisite_{name}", value=value)
            for name in names
            if (value := getattr(shop.payment, name))
        )
    )


def _caption(found: Mapping[str, Any], seen: int | None, language: str) -> Markup:
    what = plain(language, "receipt_no_pack")
    if found["credits"]:
        money = found["money_text"]
        key = "requisites_pack" if money else "receipt_no_price"
        what = plain(language, key, n=found["credits"], money=money)
    marked = "" if seen is None else plain(language, "receipt_seen", id=seen)
    return say(
        language,
        "receipt_asked",
        id=found["id"],
        name=f"@{found['username']}" if found["username"] else found["first_name"] or "—",
        user=found["user_id"],
        balance=found["balance"],
        what=what,
        earlier=found["earlier"],
        seen=marked,
    )


def _decisions(number: int, credits: int, language: str) -> Keyboard:
    def button(key: str, action: str) -> Button:
        return Button(plain(language, key, n=credits), encode(action, number))

    approve = (button("button_approve", "receipt_yes"),) if credits else ()
    return (
        (*approve, button("button_other_amount", "receipt_amount")),
        (button("button_refuse", "receipt_no"), button("button_ban", "receipt_ban")),
    )
