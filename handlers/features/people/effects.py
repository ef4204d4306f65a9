"""The effects of operators' work with people, carried out in the update's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, editing, saying
from handlers.dialogue.effects import Effect, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Work
from handlers.features.people import card
from handlers.features.people.words import plain, say
from handlers.words.texts import Markup, escape, language_of, signed
from kie.money import bans, invites, ledger
from kie.money.ledger import Booked
from supervisor.runtime.errors import Contended

UNDO_WITHIN = 3600.0  #: seconds after a booking
UNDONE = "undone"  #: the note of the entry that takes a booking back
_SQL = sql.load("people")


@dataclass(frozen=True, slots=True)
class Book(Effect):
    """Book credits; operator and user are told the outcome."""

    kind: str  #: ``topup``, ``grant`` or ``refund``
    target: int  #: the user, or for a refund the job
    amount: int = 0  #: unused for a refund, which gives back what was paid
    note: str | None = None
    at: int = 0  #: the message with the question, which becomes the answer


@dataclass(frozen=True, slots=True)
class Undo(Effect):
    """Take a booking back, once, within an hour."""

    act: int  #: its number in ``admin_acts``
    at: int = 0  #: the message with the button


@dataclass(frozen=True, slots=True)
class SetBanned(Effect):
    """Close or open an account."""

    user_id: int
    banned: bool
    at: int = 0


def book(effect: Book, work: Work) -> Sequence[Delivery]:
    """Book credits, once per question; tell the operator, and the user if it was booked. Raises
    ``Contended`` when the question has been answered meanwhile."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
    asked = {"user_id": facts.incoming.sender.user_id, "version": facts.dialogue.version}
    if tx.one(_SQL["hold_question"], {"bot_id": bot_id, "chat_id": work.chat_id, **asked}) is None:
        raise Contended("the question has been answered")
    if effect.kind == "refund":
        found = ledger.refund(tx, bot_id, effect.target, effect.note)
    else:
        found = ledger.book(
            tx,
            bot_id,
            effect.target,
            effect.kind,
            effect.amount,
            note=effect.note,
            key=work.key,
        )
    if found is None:
        screen = facts.at_desk(say(facts.language, f"not_booked_{effect.kind}"))
        return [work.told("answer", _instead(effect.at, screen))]
    tx.afterwards(lambda: _count(work, effect.kind, found.amount))
    act = work.acted(
        effect.kind,
        effect.target,
        before=found.balance - found.amount,
        after=found.balance,
        user_id=found.user_id,
    )
    what = plain(facts.language, f"entry_{effect.kind}", job=str(effect.target))
    named = {"user": str(found.user_id), "balance": found.balance}
    text = say(facts.language, "booked", what=what, amount=signed(found.amount), **named)
    spot = Spot(facts.language, facts.shop, user_id=found.user_id, number=act)
    screen = Screen(text, facts.places.keyboard("act", spot))
    return [
        work.told("answer", _instead(effect.at, screen)),
        *_tell(found, f"entry_{effect.kind}", effect.target, effect.note, work),
    ]


def undo(effect: Undo, work: Work) -> Sequence[Delivery]:
    """The same amount with the other sign, once per act; both sides are told. What was paid by hand
    takes the reward of an invitation along."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
    named = {"bot_id": bot_id, "act": effect.act, "within": UNDO_WITHIN}
    act = tx.one(_SQL["booked_act"], named)
    language = facts.language
    if act is None or act["amount"] is None:  # its user has been forgotten since
        return _undone(effect, work, say(language, "undo_unknown"))
    if act["undone"]:
        return _undone(effect, work, say(language, "undo_before"), act["user_id"])
    if not act["in_time"]:
        return _undone(effect, work, say(language, "undo_late"), act["user_id"])
    # What was paid by hand stays out of the income; anything else is taken back as a gift.
    amount, kind = -int(act["amount"]), "grant" if act["act"] in {"grant", "refund"} else "topup"
    key, note = f"undo:{effect.act}", UNDONE
    if kind == "topup":
        invites.lock(tx, bot_id, [act["user_id"]])
    found = ledger.book(tx, bot_id, act["user_id"], kind, amount, note=note, key=key)
    if found is None:
        now = tx.one(_SQL["booked_act"], named)
        if now is not None and now["undone"]:  # by another operator, at the same moment
            return _undone(effect, work, say(language, "undo_before"), act["user_id"])
        spent = {"balance": act["balance"], "amount": signed(amount)}
        return _undone(effect, work, say(language, "undo_spent", **spent), act["user_id"])
    if kind == "topup":
        invites.take_back(tx, bot_id, act["user_id"], key)
    work.acted(
        "undo",
        effect.act,
        before=found.balance - amount,
        after=found.balance,
        user_id=found.user_id,
        undoes=effect.act,
    )
    tx.afterwards(lambda: _count(work, kind, amount))
    spot = {"user": str(found.user_id), "balance": found.balance, "amount": signed(amount)}
    deliveries = _undone(effect, work, say(language, "undone", **spot), found.user_id)
    return [*deliveries, *_tell(found, "entry_undone", "", None, work)]


def set_banned(effect: SetBanned, work: Work) -> Sequence[Delivery]:
    """The card shows the new state; pressed twice it changes nothing more."""
    tx, bot_id = work.tx, work.installation.bot_id
    if bans.set_banned(tx, bot_id, effect.user_id, banned=effect.banned):
        work.acted(
            "ban" if effect.banned else "unban",
            effect.user_id,
            before=not effect.banned,
            after=effect.banned,
            user_id=effect.user_id,
        )
    found = card.read(tx, bot_id, effect.user_id)
    if found is None:
        nobody = work.facts.at_desk(say(work.facts.language, "toast_nobody"))
        return [work.told("answer", saying(nobody))]
    return [work.told("answer", _instead(effect.at, card.screen(work.facts, found)))]


def _undone(effect: Undo, work: Work, text: Markup, user_id: int = 0) -> Sequence[Delivery]:
    """The message of the booking becomes its outcome, which leads to the user's card."""
    facts = work.facts
    spot = Spot(facts.language, facts.shop, user_id=user_id)
    buttons = facts.places.keyboard("act" if user_id else "operators", spot)
    return [work.told("answer", _instead(effect.at, Screen(text, buttons)))]


def _instead(question: int, screen: Screen) -> Payload:
    """The question becomes its answer, which stays in the chat as a record."""
    return {**editing(question, screen, or_say=True), "card": False} if question else saying(screen)


def _tell(
    found: Booked, what: str, target: object, note: str | None, work: Work
) -> Sequence[Delivery]:
    """For the user: the change of their balance, and why; then the order that waited for it."""
    facts: Facts = work.facts
    language = language_of(found.language, found.language_code)
    text = say(
        language,
        "booked_for_you",
        what=plain(language, what, job=str(target)),
        amount=signed(found.amount),
        balance=found.balance,
        note=Markup(f"\n<i>{escape(note)}</i>") if note else "",
    )
    waiting = work.told_theirs(found.user_id) if found.amount > 0 else []
    spot = Spot(language, facts.shop, kept=work.keeps(found.user_id))
    keyboard = work.places.keyboard("booked", spot)
    screen = Screen(text, () if waiting else keyboard)
    told = Delivery(found.user_id, "answer", saying(screen), f"{work.key}:user")
    return [told, *waiting]


def _count(work: Work, kind: str, amount: int) -> None:
    metrics = work.installation.metrics
    if amount > 0:
        metrics.credits_in.labels(kind).inc(amount)
    else:
        metrics.credits_out.labels("taken_back").inc(-amount)
