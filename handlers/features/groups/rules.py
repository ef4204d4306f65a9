"""What words, commands and presses in a group lead to, and the confirmation in private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.dialogue import senders
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Compose, Effect, Effects, Place, Say, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Mention, Pressed
from handlers.dialogue.senders import ANONYMOUS_ADMIN
from handlers.features.groups import screens
from handlers.features.groups.words import plain, say
from handlers.shop import wishes
from handlers.shop.offers import Offer
from handlers.shop.terms import terms
from kie.catalogue.user_file import UserFile

SWITCH = "group"  #: the command that switches us on and off
_OFF, _ON = {"off", "выкл"}, {"on", "вкл"}
#: Commands that in private speak of the user's own matters; what follows them is no wish.
_OWN = frozenset(
    {
        "start",
        "menu",
        "help",
        "balance",
        "topup",
        "history",
        "support",
        "language",
        "cancel",
        SWITCH,
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the group and of who writes there."""

    silent: bool  #: its administrators have switched us off
    started: bool  #: the user has a private chat with us


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants in a group, as it was kept."""

    id: int
    place: Place
    message_id: int
    model: str
    inputs: Mapping[str, Any]
    ordered: bool = False  #: its job is there already


@dataclass(frozen=True, slots=True)
class KeepWish(Effect):
    """Kept until its user confirms it in private; both chats are told."""

    offer: Offer
    inputs: Mapping[str, Any]
    message_id: int
    started: bool


@dataclass(frozen=True, slots=True)
class SwitchGroup(Effect):
    """Be silent in this group, or not any more. ``proven``: an administrator says so; else
    Telegram is asked."""

    silent: bool
    proven: bool


def in_group(
    facts: Facts, incoming: Command | Mention | Press, found: Standing | None
) -> Effects | None:
    """Everything that is for us in a group."""
    standing = found or Standing(silent=False, started=False)
    if isinstance(incoming, Command) and incoming.name == SWITCH:
        return _switch(facts, incoming)
    if isinstance(facts.incoming, Pressed):
        return (Toast(plain(facts.language, "toast_group"), alert=True),)
    if standing.silent:
        return _line(facts, "group_silent")
    if isinstance(incoming, Mention):
        words = senders.without_name(incoming.words, facts.shop.bot_username)
        file = incoming.file
        if not words and file is None:
            return _line(facts, "group_needs_words")
        return _wish(facts, words, [file] if file else [], incoming.message_id, standing)
    if isinstance(incoming, Command) and incoming.arguments and incoming.name not in _OWN:
        return _wish(facts, incoming.arguments, [], incoming.message_id, standing)
    return _line(facts, "group")


def in_private(facts: Facts, _command: Command) -> Effects:
    """``/group`` in private: how to order in groups."""
    return (Say(facts.sentence(say(facts.language, "group_usage_private"))),)


def press_wish(facts: Facts, press: Press, wish: Wish | None) -> Effects:
    """The confirmation: the job for the price that the button has said."""
    language = facts.language
    offer = facts.shop.offers.get(wish.model) if wish is not None else None
    if wish is None or offer is None:
        return (present(facts.sentence(say(language, "wish_gone")), press.at),)
    if wish.ordered:
        return (Toast(plain(language, "toast_wish_ordered")),)
    told = press.argument.partition(":")[2]
    price = int(told) if told.isdecimal() and len(told) < 10 else 0
    if facts.late or terms(offer, facts.account, wish.inputs).price > price:
        shown = screens.wish(facts, offer, wish.inputs, wish.id, language)
        return (Toast(plain(language, "toast_wish_again")), present(shown, press.at))
    return (
        Compose(
            wish.model,
            wish.inputs,
            source=wish.message_id,
            price=price,
            place=wish.place,
            key=f"wish:{wish.id}",
        ),
    )


def press_no(facts: Facts, press: Press) -> Effects:
    """The wish is not wanted after all."""
    return (present(facts.sentence(say(facts.language, "wish_gone")), press.at),)


def link(facts: Facts, _press: Press, wish: Wish | None) -> Effects | None:
    """The link from the group: the same confirmation for who had no private chat before."""
    offer = facts.shop.offers.get(wish.model) if wish is not None else None
    if wish is None or offer is None:
        return (Say(facts.sentence(say(facts.language, "wish_gone"))),)
    return (Say(screens.wish(facts, offer, wish.inputs, wish.id, facts.language)),)


# ---------------------------------------------------------------- internal --


def _switch(facts: Facts, command: Command) -> Effects:
    word = command.arguments.strip().lower()
    if word not in _OFF | _ON:
        return _line(facts, "group_usage")
    sender = facts.incoming.sender
    if sender.anonymous and sender.user_id != ANONYMOUS_ADMIN:
        return _line(facts, "group_not_admin")
    # Only an administrator can write in the name of the group itself.
    return (SwitchGroup(word in _OFF, proven=sender.anonymous),)


def _wish(
    facts: Facts,
    words: str,
    files: Sequence[UserFile],
    message_id: int,
    standing: Standing,
) -> Effects:
    if facts.incoming.sender.anonymous:
        return _line(facts, "group_anonymous")
    offer = wishes.model_for(facts.shop, facts.account, words, files)
    if offer is None:
        return _line(facts, "group_needs_choice")
    inputs = offer.accepted(wishes.inputs_for(offer, words, files))
    return (KeepWish(offer, inputs, message_id, standing.started),)


def _line(facts: Facts, key: str) -> Effects:
    return (Say(screens.sentence(facts.shop, facts.language, key), stays=True),)
