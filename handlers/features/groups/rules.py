"""What words, commands and presses in a group lead to, and the confirmation in private."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.dialogue import senders
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    Compose,
    Effect,
    Effects,
    Home,
    Place,
    Say,
    Screen,
    Show,
    Toast,
)
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Mention, Moved, Pressed
from handlers.dialogue.senders import ANONYMOUS_ADMIN
from handlers.features.groups import screens, small_talk
from handlers.features.groups.small_talk import Talk
from handlers.features.groups.words import plain, say
from handlers.shop import wishes
from handlers.shop.offers import Offer, as_ordered
from handlers.shop.terms import terms
from handlers.words import languages
from handlers.words.wished import kind_of
from kie.catalogue.user_file import UserFile
from supervisor.values.foreign import whole_text

SWITCH = "group"  #: the command that switches us on and off
_OFF, _ON = {"off", "выкл"}, {"on", "вкл"}
#: Commands whose words are a wish, and the kind of result; an unknown one is a wish, too.
_ORDERS = {"image": "image", "imagine": "image", "photo": "image", "video": "video"}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the group and of who writes there."""

    silent: bool  #: its administrators have switched us off
    started: bool  #: the user has a private chat with us
    language: str | None = None  #: of whoever spoke to us there last; None: nobody has


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
class SameWish:
    """What somebody else has asked for, whose result was seen in a group."""

    model: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeepWish(Effect):
    """Kept until its user confirms it in private; both chats are told."""

    offer: Offer
    inputs: Mapping[str, Any]
    message_id: int
    started: bool


@dataclass(frozen=True, slots=True)
class DropWish(Effect):
    """Its user does not want it any more."""

    wish_id: int


@dataclass(frozen=True, slots=True)
class SwitchGroup(Effect):
    """Be silent in this group, or not any more. ``proven``: an administrator says so; else
    Telegram is asked."""

    silent: bool
    proven: bool
    language: str = ""  #: of the answer; empty: the user's


@dataclass(frozen=True, slots=True)
class NoteLanguage(Effect):
    """Somebody speaks to us in that language in this group."""

    language: str


@dataclass(frozen=True, slots=True)
class MoveGroup(Effect):
    """The group is a supergroup now: what is known of it counts there."""

    old: int
    new: int


def in_group(
    facts: Facts, incoming: Command | Mention | Press | Moved, found: Standing | None
) -> Effects | None:
    """Everything that is for us in a group."""
    if isinstance(incoming, Moved):
        return (MoveGroup(incoming.old, incoming.new),)
    standing = found or Standing(silent=False, started=False)
    if facts.incoming.sender.anonymous:
        facts = replace(facts, language=_spoken(facts, incoming, standing))
        return _answered(facts, incoming, standing)
    effects = _answered(facts, incoming, standing)
    noted = not effects or facts.language == standing.language
    return effects if noted else (NoteLanguage(facts.language), *effects)


def _answered(facts: Facts, incoming: Command | Mention | Press, standing: Standing) -> Effects:
    if isinstance(incoming, Command) and incoming.name == SWITCH:
        return _switch(facts, incoming)
    if isinstance(facts.incoming, Pressed):
        return (Toast(plain(facts.language, "toast_group"), alert=True),)
    talk = Talk.WISH
    if isinstance(incoming, Mention):
        talk = small_talk.kind_of(incoming, facts.shop.bot_username)
    if talk is Talk.FOR_THE_GROUP:
        return ()
    if standing.silent:
        return _line(facts, "group_silent")
    if isinstance(incoming, Mention) and talk is Talk.WISH:
        words = senders.without_name(incoming.words, facts.shop.bot_username)
        file = incoming.file
        if not words and file is None:
            return _line(facts, "group_needs_words")
        files = [file] if file else []
        kind = wishes.KIND if files else kind_of(words)
        return _wish(facts, words, files, incoming.message_id, standing, kind=kind)
    if isinstance(incoming, Command) and _orders(incoming):
        kind = _ORDERS.get(incoming.name, wishes.KIND)
        files = [incoming.file] if incoming.file else []
        words, message_id = incoming.arguments, incoming.message_id
        return _wish(facts, words, files, message_id, standing, kind=kind)
    return _line(facts, "group")


def in_private(facts: Facts, _command: Command) -> Effects:
    """``/group`` in private: how to order in groups."""
    return (Say(facts.sentence(say(facts.language, "group_usage_private"))),)


def press_wish(facts: Facts, press: Press, wish: Wish | None) -> Effects:
    """The confirmation: the job for the price that the button has said."""
    language = facts.language
    offer = facts.shop.offers.get(wish.model) if wish is not None else None
    if wish is None or offer is None:
        return (_changed(facts.sentence(say(language, "wish_gone")), press.at),)
    if wish.ordered:
        return (Toast(plain(language, "toast_wish_ordered")),)
    price = whole_text(press.argument.partition(":")[2], 0) or 0
    if offer.open_question(wish.inputs) is not None or offer.check(wish.inputs):
        # The catalogue has changed since.
        return (_changed(facts.sentence(say(language, "wish_gone")), press.at),)
    now = terms(offer, facts.account, wish.inputs).price
    missing = now - facts.account.balance
    if facts.late or now > price or missing > 0:
        shown = screens.wish(facts, offer, wish.inputs, wish.id, language)
        short = Toast(plain(language, "toast_short", n=missing), alert=True)
        again = Toast(plain(language, "toast_wish_again"))
        return (short if missing > 0 else again, _changed(shown, press.at))
    return (
        Compose(
            wish.model,
            wish.inputs,
            source=wish.message_id or None,
            price=price,
            place=wish.place,
            key=f"wish:{wish.id}",
        ),
    )


def press_no(facts: Facts, press: Press, wish: Wish | None) -> Effects:
    """The wish is not wanted after all."""
    language = facts.language
    if wish is not None and wish.ordered:
        return (Toast(plain(language, "toast_wish_ordered")),)
    told = _changed(facts.sentence(say(language, "wish_cancelled")), press.at)
    return (told,) if wish is None else (DropWish(wish.id), told)


def link(facts: Facts, _press: Press, wish: Wish | None) -> Effects | None:
    """The link from the group: the same confirmation for who had no private chat before."""
    offer = facts.shop.offers.get(wish.model) if wish is not None else None
    if wish is None or offer is None:
        return (Say(facts.sentence(say(facts.language, "wish_gone"))),)
    return (Say(screens.wish(facts, offer, wish.inputs, wish.id, facts.language)),)


def same(facts: Facts, _press: Press, found: SameWish | None) -> Effects:
    """The link under a result: a card with the same words and settings. Files are another's own."""
    if found is None:
        return (Home(),)
    offer, answers = as_ordered(facts.shop.offers, found.model, found.inputs)
    if offer is None or offer.sources:
        return (Home(),)
    own = {name: value for name, value in answers.items() if not _is_file(value)}
    return (Compose(offer.model, own),)


# ---------------------------------------------------------------- internal --


def _is_file(value: Any) -> bool:
    several = value if isinstance(value, list) else [value]
    return any(UserFile.of(each) is not None for each in several)


def _spoken(facts: Facts, incoming: Command | Mention | Press, standing: Standing) -> str:
    """The language for who stays anonymous: Telegram tells nothing of them."""
    words = ""
    if isinstance(incoming, Mention):
        words = incoming.words
    elif isinstance(incoming, Command):
        words = incoming.arguments
    return languages.of_words(words) or standing.language or facts.language


def _orders(command: Command) -> bool:
    """Whether what follows the command, or its file, is a wish."""
    there = bool(command.arguments) or command.file is not None
    return there and (command.name in _ORDERS or not command.known)


def _switch(facts: Facts, command: Command) -> Effects:
    word = command.arguments.strip().lower()
    if word not in _OFF | _ON:
        return _line(facts, "group_usage")
    sender = facts.incoming.sender
    if sender.anonymous and sender.user_id != ANONYMOUS_ADMIN:
        return _line(facts, "group_not_admin")
    # Only an administrator can write in the name of the group itself.
    language = facts.language if sender.anonymous else ""
    return (SwitchGroup(word in _OFF, proven=sender.anonymous, language=language),)


def _wish(
    facts: Facts,
    words: str,
    files: Sequence[UserFile],
    message_id: int,
    standing: Standing,
    *,
    kind: str = wishes.KIND,
) -> Effects:
    if facts.incoming.sender.anonymous:
        return _line(facts, "group_anonymous")
    offer = wishes.model_for(facts.shop, facts.account, words, files, kind)
    if offer is None:
        return _line(facts, "group_needs_choice")
    inputs = offer.accepted(wishes.inputs_for(offer, words, files))
    return (KeepWish(offer, inputs, message_id, standing.started),)


def _changed(screen: Screen, at: int | None) -> Effect:
    """The wish's own message becomes this; the card of the chat stays."""
    return Say(screen, stays=True) if at is None else Show(at, screen, stays=True)


def _line(facts: Facts, key: str) -> Effects:
    return (Say(screens.sentence(facts.shop, facts.language, key), stays=True),)
