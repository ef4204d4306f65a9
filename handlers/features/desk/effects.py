"""The effects of operators' commands, carried out in the update's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery, Payload, editing, saying
from handlers.dialogue.effects import Effect, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Work
from handlers.features.desk.words import plain, say
from handlers.words.texts import Markup, escape, language_of, signed
from kie.catalogue import availability
from kie.money import ledger
from kie.money.ledger import Booked


@dataclass(frozen=True, slots=True)
class Book(Effect):
    """Book credits; operator and user are told the outcome."""

    kind: str  #: ``topup``, ``grant`` or ``refund``
    target: int  #: the user, or for a refund the job
    amount: int = 0  #: unused for a refund, which gives back what was paid
    note: str | None = None
    at: int = 0  #: the message with the question, which becomes the answer


@dataclass(frozen=True, slots=True)
class SwitchModel(Effect):
    """Take a model off the menu, or put it back."""

    model: str
    on: bool


def book(effect: Book, work: Work) -> Sequence[Delivery]:
    """Book credits, once per key; tell the operator, and the user if it was booked."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
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
        screen = facts.sentence(say(facts.language, f"not_booked_{effect.kind}"))
        return [work.told("answer", _instead(effect.at, screen))]
    tx.afterwards(lambda: _count(work, effect.kind, found.amount))
    screen = facts.sentence(booked(found, effect, facts.language))
    return [
        work.told("answer", _instead(effect.at, screen)),
        Delivery(
            found.user_id, "answer", saying(_told(found, effect, facts, work)), f"{work.key}:user"
        ),
    ]


def _instead(question: int, screen: Screen) -> Payload:
    """The question becomes its answer, which stays in the chat as a record."""
    return {**editing(question, screen, or_say=True), "card": False} if question else saying(screen)


def switch(effect: SwitchModel, work: Work) -> Sequence[Delivery]:
    """Take a model off the menu or put it back; tell the operator the outcome."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
    if effect.on:
        done = availability.offer_again(tx, bot_id, effect.model)
    else:
        reason = "switched off by hand"
        done = availability.withdraw(tx, bot_id, effect.model, reason) is not None
    word = "model_on" if effect.on else "model_off"
    text = say(facts.language, word if done else f"{word}_before", model=effect.model)
    return [work.told("answer", saying(facts.sentence(text)))]


def booked(found: Booked, effect: Book, language: str) -> Markup:
    """For the operator: the booking."""
    return say(
        language,
        "booked",
        what=plain(language, f"entry_{effect.kind}", job=effect.target),
        amount=signed(found.amount),
        user=found.user_id,
        balance=found.balance,
    )


def _told(found: Booked, effect: Book, facts: Facts, work: Work) -> Screen:
    """For the user: the change of their balance, and why."""
    language = language_of(found.language, found.language_code)
    text = say(
        language,
        "booked_for_you",
        what=plain(language, f"entry_{effect.kind}", job=effect.target),
        amount=signed(found.amount),
        balance=found.balance,
        note=Markup(f"\n<i>{escape(effect.note)}</i>") if effect.note else "",
    )
    return Screen(text, work.places.keyboard("booked", Spot(language, facts.shop)))


def _count(work: Work, kind: str, amount: int) -> None:
    metrics = work.installation.metrics
    if amount > 0:
        metrics.credits_in.labels(kind).inc(amount)
    else:
        metrics.credits_out.labels("taken_back").inc(-amount)
