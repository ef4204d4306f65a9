"""Effects that make and cancel jobs, carried out in the update's transaction.

What the database decides (is it still queued, is there enough) is told in the same commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loguru import logger

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, replying, saying, toasting
from handlers.dialogue.effects import Effect, Screen, Toast
from handlers.dialogue.places import Spot
from handlers.dialogue.progress import waiting
from handlers.dispatch.feature import Work
from handlers.features.making.words import plain, say
from kie.api.outcome import Failure
from kie.jobs import job_table, settle
from kie.jobs.job import NewJob
from supervisor.database.transactions import Row


@dataclass(frozen=True, slots=True)
class StartJob(Effect):
    """A job, and the screen that shows its progress from now on."""

    job: NewJob
    progress: Screen


@dataclass(frozen=True, slots=True)
class CancelJob(Effect):
    """A queued job ends before it began; the press is answered with how that went."""

    query_id: str
    job_id: int
    message_id: int | None  #: the message that shows the job's progress


@dataclass(frozen=True, slots=True)
class Answered(Effect):
    """The message with a button that has done its work says so and loses its buttons, be it the
    card or not."""

    message_id: int
    screen: Screen


def answered(effect: Answered, work: Work) -> Sequence[Delivery]:
    """The message, or a new one where it cannot be edited any more."""
    payload = editing(effect.message_id, effect.screen, or_say=True)
    return [work.told("answer", payload)]


def start(effect: StartJob, work: Work) -> Sequence[Delivery]:
    """The job's row, its price reserved, and the message that shows its progress from now on.

    Raises ``ledger.NotEnough``: whoever decided had not held the account.
    """
    job = effect.job
    if job.status_message_id is not None:
        # The card turns into the progress of the job and stays when the next card comes.
        outbox = work.installation.outbox
        outbox.leave_card(work.tx, work.chat_id, job.status_message_id)
    job_id = job_table.create(work.tx, work.installation.bot_id, job)
    logger.bind(job=job_id, model=job.model, price=job.price).info("job_created")
    place = job_table.place(work.tx, job_id)
    screen = effect.progress
    if place:
        spot = Spot(job.language, work.facts.shop, job_id)
        screen = waiting(screen, place, work.places, spot)
    if job.status_message_id is None:
        payload = saying(screen)
    else:
        payload = editing(job.status_message_id, screen, or_say=True)
    told = work.told("status", payload, job_id=job_id)
    if job.chat_id is None or job.chat_id == work.chat_id:
        return [told]
    # Ordered for another chat: its progress is told there, as an answer to the wish.
    payload = replying(payload, job.wish_message_id)
    return [replace(told, chat_id=job.chat_id, thread=job.thread, payload=payload)]


def cancel(effect: CancelJob, work: Work) -> Sequence[Delivery]:
    """The job ends if it is still queued; one statement decides."""
    language, user_id = work.facts.language, work.facts.incoming.sender.user_id
    asked = (work.tx, work.installation.bot_id, user_id, effect.job_id)
    shown = settle.cancel(*asked)
    if shown is None:
        words = plain(language, _why_not(settle.state(*asked)))
        return [work.told("toast", toasting(effect.query_id, Toast(words)))]
    work.installation.outbox.supersede_statuses(work.tx, effect.job_id)
    toast = toasting(effect.query_id, Toast(plain(language, "toast_cancelled")))
    elsewhere = _told_elsewhere(shown, effect, work)
    at, place = effect.message_id, "cancelled" if elsewhere else "failure"
    screen = _cancelled(place, effect, work)
    payload = saying(screen) if at is None else editing(at, screen, or_say=True)
    told = work.told("answer", payload, key="end", job_id=effect.job_id)
    return [work.told("toast", toast), told, *elsewhere]


# ---------------------------------------------------------------- internal --


def _told_elsewhere(shown: Row, effect: CancelJob, work: Work) -> Sequence[Delivery]:
    """The end in the message that shows the progress, if another one was pressed."""
    at, chat_id = shown["status_message_id"], shown["chat_id"]
    here = chat_id == work.chat_id
    if at is None or chat_id is None or (here and at == effect.message_id):
        return ()
    screen = _cancelled("failure", effect, work)
    # A group cannot use the buttons of its member.
    payload = editing(at, screen if here else Screen(screen.text), or_say=False)
    told = work.told("answer", payload, key="progress", job_id=effect.job_id)
    return (replace(told, chat_id=chat_id, thread=shown["thread"]),)


def _cancelled(place: str, effect: CancelJob, work: Work) -> Screen:
    spot = Spot(work.facts.language, work.facts.shop, effect.job_id)
    return Screen(say(spot.language, "failed_cancelled"), work.places.keyboard(place, spot))


def _why_not(state: Row | None) -> str:
    """The key of the toast for a job that cannot be cancelled."""
    if state is None:
        return "toast_gone"
    if state["failure"] == Failure.CANCELLED.value:
        return "toast_cancelled"
    return "toast_ended" if state["status"] in {"success", "fail"} else "toast_too_late"
