"""News of jobs, as kie/ reports them, told to users and operators.

Every method writes rows in the transaction that changes the job. A job's progress is one
message that is edited. What ends a job (picture or failure) is a message of its own, so
that the phone rings, and answers the user's words. What was still waiting to be said of the
progress is dropped then, and the progress message is removed after the end is told: words and
picture remain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery, Outbox
from handlers.delivery.payloads import Payload, editing, removing, replying, saying
from handlers.dialogue.effects import Keyboard
from handlers.dialogue.places import Places, Spot
from handlers.dialogue.progress import progress, waiting
from handlers.features.results import captions, failures, forms, result_buttons
from handlers.features.results.progress_service import first_step
from handlers.features.results.result_buttons import Subject
from handlers.features.results.words import say
from handlers.shop.offers import Offer, as_ordered
from handlers.shop.shop import Shop
from handlers.words.notice_text import text_of
from handlers.words.texts import DEFAULT, LANGUAGES, Markup, shorten
from kie.api.notice import Notice
from kie.api.outcome import Failure, Result
from kie.jobs.job import Job
from kie.money import ledger
from kie.money.ledger import Account
from supervisor.database.transactions import Tx

_SQL = sql.load("results")

#: The place whose buttons help with a notice; else ``alarm``.
REMEDIES = {
    "kie_key": "alarm_kie",
    "kie_credits": "alarm_kie",
    "kie_address": "alarm_kie",
    "kie_cap": "alarm_kie",
    "kie_refuses": "alarm_kie",
    "certificate": "alarm_pause",
    "doubted": "alarm_doubted",
    "withdrawn": "alarm_withdrawn",
    "cost": "alarm_cost",
    "ledger": "alarm_ledger",
    "job_end": "alarm_person",
}
SOUND_TITLE = 60  #: UTF-16 units of a sound's title, as players show it


class JobNews:
    """The ``kie.jobs.news.News`` of this bot."""

    def __init__(
        self,
        outbox: Outbox,
        shop: Callable[[], Shop],
        offers: Mapping[str, Offer],
        places: Places,
        ended: Callable[[str, str], None] = lambda *_: None,
        found: Callable[[Sequence[str]], None] = lambda _: None,
        code: Callable[[int], str] = lambda _: "",
    ) -> None:
        """After the commit: ``ended`` counts the end of a job by its state and its model,
        ``found`` hears of the links of a result that somebody waits for. ``code`` proves a link
        to a job."""
        self._outbox = outbox
        self._shop = shop
        self._offers = offers
        self._places = places
        self._ended = ended
        self._found = found
        self._code = code

    def started(self, tx: Tx, job: Job) -> None:
        self._status(tx, job, "started")
        usual = self._usual(job)
        named = {"job_id": job.id, "usual": usual, "first": first_step(usual)}
        tx.run(_SQL["plan_progress"], named)

    def delayed(self, tx: Tx, job: Job) -> None:
        self._status(tx, job, "delayed")

    def queued(self, tx: Tx, job: Job, place: int) -> None:
        payload = self._progress(job, "accepted", place)
        if payload is not None:
            self._outbox.supersede_statuses(tx, job.id)
            self._tell(tx, job, "status", payload, f"place:{place}")

    def succeeded(self, tx: Tx, job: Job, result: Result) -> None:
        account = self._account(tx, job)
        caption = self._caption(job, account)
        tx.afterwards(lambda: self._ended("success", job.model))
        first, *more = self._shown(tx, job, result, caption, account)
        self._end(tx, job, first)
        self._more(tx, job, more, "end")
        self._remove_progress(tx, job)

    def gift(self, tx: Tx, job: Job, result: Result) -> None:
        caption = say(_language(job), "gift", title=self._title(job))
        shown = self._shown(tx, job, result, caption, self._account(tx, job))
        for number, payload in enumerate(shown):
            self._more(tx, job, [payload], f"gift:{number}")

    def failed(self, tx: Tx, job: Job, failure: Failure) -> None:
        tx.afterwards(lambda: self._ended("fail", job.model))
        offer, answers = as_ordered(self._offers, job.model, job.inputs)
        screen = failures.screen(
            job.id,
            offer,
            self._title(job),
            answers,
            failure,
            words=self._prompt(job),
            account=self._account(tx, job),
            language=_language(job),
        )
        if _in_group(job):
            keyboard = self._places.keyboard("group_result", self._spot(job))
            screen = replace(screen, keyboard=keyboard)
        self._end(tx, job, saying(screen))
        self._remove_progress(tx, job)

    def alert(self, tx: Tx, key: str, notice: Notice) -> None:
        model, user = str(notice.fields.get("model", "")), str(notice.fields.get("user", 0))

        def remedy(language: str) -> Keyboard:
            spot = Spot(language, self._shop(), model=model, user_id=int(user))
            return self._places.keyboard(REMEDIES.get(notice.name, "alarm"), spot)

        if self._outbox.notice(tx, key, partial(text_of, notice), remedy):
            told = logger.bind(key=key, notice=str(notice))
            tx.afterwards(partial(told.warning, "operator_alerted"))

    def _account(self, tx: Tx, job: Job) -> Account:
        found = ledger.accounts(tx, self._outbox.bot_id, [job.user_id], spending=False)
        return found.get(job.user_id, Account())

    def _caption(self, job: Job, account: Account) -> Markup:
        return captions.caption(
            self._offers.get(job.model),
            self._title(job),
            job.inputs,
            words=self._prompt(job),
            seconds=job.seconds,
            # What somebody has and pays is no matter of a group.
            price=None if _in_group(job) else job.price,
            account=account,
            language=_language(job),
        )

    def _shown(
        self, tx: Tx, job: Job, result: Result, caption: Markup, account: Account
    ) -> Sequence[Payload]:
        if result.urls and job.chat_id is not None:
            tx.afterwards(lambda: self._found(result.urls))
        language = _language(job)
        offer = self._offers.get(job.model)
        kind = offer.kind if offer is not None else "image"
        kinds = [kind] * len(result.urls)
        subject = Subject(job.id, job.model, job.inputs, kinds)
        keyboard = result_buttons.keyboard(subject, self._shop(), account, language)
        if _in_group(job):
            keyboard = self._places.keyboard("group_result", self._spot(job))
        shown = forms.payloads(result, kind, caption, keyboard, language)
        return [self._named(job, payload) for payload in shown]

    def _named(self, job: Job, payload: Payload) -> Payload:
        """A sound is called by its words and by what has made it."""
        if payload.get("kind") != "audio":
            return payload
        words = shorten(self._prompt(job), SOUND_TITLE)
        return {"title": words, "performer": self._title(job), **payload}

    def _more(self, tx: Tx, job: Job, payloads: Sequence[Payload], key: str) -> None:
        """What follows the first part of a result."""
        for number, payload in enumerate(payloads, start=1):
            self._tell(tx, job, "result", payload, f"{key}:{number}")

    def _status(self, tx: Tx, job: Job, key: str) -> None:
        """The progress message says ``key`` now; nothing older is sent any more."""
        self._outbox.supersede_statuses(tx, job.id)
        payload = self._progress(job, key)
        if payload is not None:
            self._tell(tx, job, "status", payload, key)

    def _end(self, tx: Tx, job: Job, payload: Payload) -> None:
        """The job's last word, as an answer to the user's words."""
        self._outbox.supersede_statuses(tx, job.id)
        self._tell(tx, job, "result", replying(payload, job.wish_message_id), "end")

    def _remove_progress(self, tx: Tx, job: Job) -> None:
        """In the job's own line, so that it follows what ends the job."""
        if job.status_message_id is not None:
            self._tell(tx, job, "status", removing(job.status_message_id), "remove")

    def _tell(self, tx: Tx, job: Job, kind: str, payload: Payload, key: str) -> None:
        """To the chat that asked; a job without one (a check's) is told to nobody."""
        if job.chat_id is not None:
            whole_key = f"job:{job.id}:{key}"
            told = Delivery(
                job.chat_id, kind, payload, whole_key, job.id, job.trace, thread=job.thread
            )
            self._outbox.enqueue(tx, [told])

    def _progress(self, job: Job, key: str, place: int = 0) -> Payload | None:
        """The edit that makes the progress message say ``key``; None: there is none."""
        if job.status_message_id is None:
            return None
        screen = progress(key, self._title(job), self._usual(job), _language(job))
        if key in {"accepted", "delayed"}:
            screen = waiting(screen, place, self._places, self._spot(job))
        return editing(job.status_message_id, screen, or_say=False)

    def _usual(self, job: Job) -> float:
        """Seconds that such a task usually takes."""
        offer = self._shop().offers.get(job.model) or self._offers.get(job.model)
        return offer.seconds if offer is not None else 60.0

    def _spot(self, job: Job) -> Spot:
        return Spot(_language(job), self._shop(), job.id, code=self._code(job.id))

    def _title(self, job: Job) -> str:
        offer, _ = as_ordered(self._offers, job.model, job.inputs)
        return offer.title(_language(job)) if offer is not None else job.model

    def _prompt(self, job: Job) -> str:
        offer, answers = as_ordered(self._offers, job.model, job.inputs)
        if offer is not None:
            return offer.words_of(answers)
        return str(job.inputs.get("prompt", ""))


def _language(job: Job) -> str:
    return job.language if job.language in LANGUAGES else DEFAULT


def _in_group(job: Job) -> bool:
    """Whether others read it, who cannot use its buttons."""
    return job.chat_id is not None and job.chat_id != job.user_id
