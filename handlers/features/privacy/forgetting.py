"""Forget me, and my data: what a press leads to. ``eraser.py`` and ``copier.py`` carry it out.

Whoever wants to be forgotten confirms twice; the second question names the credits that are lost
and the Stars that could be returned first. What has not ended on the side of money refuses it, with
the reason. The step keeps the one before it: whoever leaves finds the request as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Move, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dispatch.feature import Reading, Work
from handlers.features.privacy.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup
from supervisor.database.transactions import Row
from supervisor.runtime.wakeups import PRIVACY

FORGET = "forget_me"  #: the step
_BEFORE = "before"  #: the step before this one, in the answers
_SQL = sql.load("privacy")


@dataclass(frozen=True, slots=True)
class Forget(Effect):
    """The user is to be forgotten."""


@dataclass(frozen=True, slots=True)
class GiveData(Effect):
    """The user gets everything that is kept about them."""


def standing(reading: Reading) -> Row | None:
    """What would be lost, and what stands against it."""
    return reading.tx.one(_SQL["standing"], reading.named)


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, press: Press, found: Row | None) -> Effects:
    """The button under ``/privacy``: the first question."""
    refused = _refused(facts.language, found)
    if refused is not None or found is None:
        return (present(facts.sentence(refused or say(facts.language, "not_forgotten")), press.at),)
    answers = {**_lost(found), "second": False, _BEFORE: _before(facts)}
    screen = _screen(answers, facts.language, facts.dialogue.version + 1)
    return (Move(FORGET, answers), present(screen, press.at))


def go_on(facts: Facts, press: Press, found: Row | None) -> Effects:
    """The second question, with the numbers."""
    refused = _refused(facts.language, found)
    if refused is not None or found is None:
        return _left(facts, press, refused)
    answers = {**_lost(found), "second": True, _BEFORE: _before(facts)}
    screen = _screen(answers, facts.language, facts.dialogue.version + 1)
    return (Move(FORGET, answers), present(screen, press.at))


def confirmed(facts: Facts, press: Press, found: Row | None) -> Effects:
    """The last press. If more would be lost than was said, it is asked once more."""
    refused = _refused(facts.language, found)
    if refused is not None or found is None:
        return _left(facts, press, refused)
    told = facts.dialogue.answers
    if any(told.get(key) != value for key, value in _lost(found).items() if key != "running"):
        return go_on(facts, press, found)
    screen = Screen(say(facts.language, "forgetting"))
    return (Forget(), Move("idle"), present(screen, press.at))


def keep(facts: Facts, press: Press) -> Effects:
    """Nothing is deleted."""
    return _left(facts, press, None)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The question once more."""
    screen = _screen(facts.dialogue.answers, language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def my_data(_facts: Facts, _press: Press) -> Effects:
    """The other button under ``/privacy``."""
    return (Toast(), GiveData())


def _refused(language: str, found: Row | None) -> Markup | None:
    """Why the user cannot be forgotten now; None: nothing stands against it."""
    if found is None:
        return None
    if found["asked"]:
        return say(language, "forgetting_already")
    if found["receipts"]:
        return say(language, "refused_receipt", n=found["receipt"])
    if found["return_of"] is not None:
        return say(language, "refused_return", n=found["return_of"])
    if found["paid_until"] is not None:
        until = moments.date(language, found["paid_until"])
        return say(language, "refused_monthly", day=until)
    return None


def _lost(found: Row) -> dict[str, Any]:
    """Credits, and the payments that could be returned, newest first, as far as credits reach."""
    left, stars, numbers = found["balance"], 0, []
    for number, paid, credits in found["payments"]:
        if credits <= left:
            left, stars = left - credits, stars + paid
            numbers.append(number)
    return {
        "credits": found["balance"],
        "stars": stars,
        "numbers": numbers,
        "running": found["running"],
    }


def _screen(answers: Mapping[str, Any], language: str, version: int) -> Screen:
    keep_all = Button(plain(language, "button_keep_all"), encode("forget_keep", version=version))
    if not answers.get("second"):
        further = Button(plain(language, "button_forget_on"), encode("forget_on", version=version))
        return Screen(say(language, "forget_first"), ((further,), (keep_all,)))
    now = Button(plain(language, "button_forget_now"), encode("forget_now", version=version))
    text = say(language, "forget_second", lost=Markup("\n\n".join(_told(answers, language))))
    return Screen(text, ((now,), (keep_all,)))


def _told(answers: Mapping[str, Any], language: str) -> Sequence[str]:
    lines = [say(language, "lost_nothing")]
    if answers["credits"]:
        lines = [say(language, "lost_credits", n=answers["credits"])]
    if answers["stars"]:
        numbers = ", ".join(map(str, answers["numbers"]))
        lines.append(say(language, "lost_stars", stars=answers["stars"], numbers=numbers))
    if answers["running"]:
        lines.append(say(language, "forget_running", n=answers["running"]))
    return lines


def _before(facts: Facts) -> Mapping[str, Any]:
    here = facts.dialogue
    if here.step == FORGET:
        return dict(here.answers.get(_BEFORE) or {})
    return {"step": here.step, "answers": dict(here.answers)}


def _left(facts: Facts, press: Press, why: Markup | None) -> Effects:
    before = _before(facts) or {"step": "idle", "answers": {}}
    screen = facts.sentence(why or say(facts.language, "not_forgotten"))
    return (Move(before["step"], before["answers"]), present(screen, press.at))


# --------------------------------------------------------------- carrying out --


def note(_effect: Forget, work: Work) -> Sequence[Delivery]:
    """Written in the commit of the press; a service of the ACTIVE instance does the rest."""
    named = {"bot_id": work.installation.bot_id, "user_id": work.facts.incoming.sender.user_id}
    if work.tx.run(_SQL["ask"], {**named, "language": work.facts.language}):
        work.count("privacy", "forget")
    work.tx.wake(PRIVACY)
    return ()


def want_data(_effect: GiveData, work: Work) -> Sequence[Delivery]:
    """Once a day."""
    language = work.facts.language
    named = {"bot_id": work.installation.bot_id, "user_id": work.facts.incoming.sender.user_id}
    first = work.tx.one(_SQL["ask_data"], {**named, "language": language}) is not None
    if first:
        work.count("privacy", "data")
        work.tx.wake(PRIVACY)
    return [
        work.told("answer", saying(Screen(say(language, "data_coming" if first else "data_had"))))
    ]
