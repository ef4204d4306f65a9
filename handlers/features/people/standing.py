"""Closes and opens accounts, and takes bookings back."""

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Toast
from handlers.dialogue.facts import Facts
from handlers.features.people.effects import SetBanned, Undo
from handlers.features.people.words import plain


def ban(facts: Facts, press: Press) -> Effects:
    """Not an operator, oneself among them."""
    if press.number is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    if press.number == facts.incoming.sender.user_id:
        return (Toast(plain(facts.language, "toast_ban_self"), alert=True),)
    if press.number in facts.shop.admins:
        return (Toast(plain(facts.language, "toast_ban_operator"), alert=True),)
    return (SetBanned(press.number, banned=True, at=press.at or 0),)


def unban(facts: Facts, press: Press) -> Effects:
    if press.number is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    return (SetBanned(press.number, banned=False, at=press.at or 0),)


def undo(facts: Facts, press: Press) -> Effects:
    if press.number is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    return (Undo(press.number, press.at or 0),)
