"""News of jobs, as kie/ reports them, told to users and operators.

Every method writes rows in the transaction that changes the job. A job's progress is one
message that is edited; what ends a job (picture or failure) is a message of its own, so
that the phone rings. What was still waiting to be said of the progress is dropped then,
and the progress message gets its last words in the same delivery, just before the end is
told: nothing of the progress can come after the result.
"""

from collections.abc import Callable, Mapping, Sequence

from handlers.delivery.outbox import Delivery, Outbox, Payload, editing, saying
from handlers.dialogue.effects import Screen
from handlers.dialogue.places import Places, Spot
from handlers.dialogue.progress import progress, waiting
from handlers.features.results import forms
from handlers.features.results.words import say
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.words.texts import DEFAULT, LANGUAGES, Markup, duration, quoted, shorten
from kie.api.outcome import Failure, Result
from kie.jobs.job import Job
from supervisor.database.transactions import Tx

SOUND_TITLE = 60  #: UTF-16 units of a sound's title, as players show it
CAPTION_PROMPT = 600  #: UTF-16 units of a prompt in a caption, which takes 1024 in all


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
    ) -> None:
        """After the commit: ``ended`` counts the end of a job by its state and its model,
        ``found`` hears of the links of a result that somebody waits for."""
        self._outbox = outbox
        self._shop = shop
        self._offers = offers
        self._places = places
        self._ended = ended
        self._found = found

    def started(self, tx: Tx, job: Job) -> None:
        self._status(tx, job, "started")

    def delayed(self, tx: Tx, job: Job) -> None:
        self._status(tx, job, "delayed")

    def queued(self, tx: Tx, job: Job, place: int) -> None:
        payload = self._progress(job, "accepted", place)
        if payload is not None:
            self._outbox.supersede_statuses(tx, job.id)
            self._tell(tx, job, "status", payload, f"place:{place}")

    def succeeded(self, tx: Tx, job: Job, result: Result) -> None:
        language = _language(job)
        caption = say(
            language,
            "caption",
            title=self._title(job),
            time=duration(language, job.seconds),
            prompt=quoted(self._prompt(job), CAPTION_PROMPT),
        )
        tx.afterwards(lambda: self._ended("success", job.model))
        first, *more = self._shown(tx, job, result, caption)
        self._end(tx, job, "done", first)
        self._more(tx, job, more, "end")

    def gift(self, tx: Tx, job: Job, result: Result) -> None:
        caption = say(_language(job), "gift", title=self._title(job))
        for number, payload in enumerate(self._shown(tx, job, result, caption)):
            self._more(tx, job, [payload], f"gift:{number}")

    def failed(self, tx: Tx, job: Job, failure: Failure) -> None:
        tx.afterwards(lambda: self._ended("fail", job.model))
        language = _language(job)
        keyboard = self._places.keyboard("failure", self._spot(job))
        text = say(language, f"failed_{failure.value}")
        self._end(tx, job, "not_made", saying(Screen(text, keyboard)))

    def alert(self, tx: Tx, key: str, text: str) -> None:
        self._outbox.notice(tx, key, text)

    def _shown(self, tx: Tx, job: Job, result: Result, caption: Markup) -> Sequence[Payload]:
        if result.urls and job.chat_id is not None:
            tx.afterwards(lambda: self._found(result.urls))
        offer = self._offers.get(job.model)
        keyboard = self._places.keyboard("result", self._spot(job))
        kind = offer.kind if offer is not None else "image"
        shown = forms.payloads(result, kind, caption, keyboard, _language(job))
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

    def _end(self, tx: Tx, job: Job, key: str, payload: Payload) -> None:
        """The job's last word, with ``key`` as the last words of its progress message."""
        self._outbox.supersede_statuses(tx, job.id)
        last_words = self._progress(job, key)
        if last_words is not None:
            payload = {**payload, "first": last_words}
        self._tell(tx, job, "result", payload, "end")

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
        language = _language(job)
        offer = self._offers.get(job.model)
        seconds = job.seconds if key == "done" else (offer.seconds if offer else 60.0)
        screen = progress(key, self._title(job), seconds, language)
        if key in {"accepted", "delayed"}:
            screen = waiting(screen, place, self._places, self._spot(job))
        return editing(job.status_message_id, screen, or_say=False)

    def _spot(self, job: Job) -> Spot:
        return Spot(_language(job), self._shop(), job.id)

    def _title(self, job: Job) -> str:
        offer = self._offers.get(job.model)
        return offer.title(_language(job)) if offer is not None else job.model

    def _prompt(self, job: Job) -> str:
        offer = self._offers.get(job.model)
        if offer is not None:
            return offer.words_of(job.inputs)
        return str(job.inputs.get("prompt", ""))


def _language(job: Job) -> str:
    return job.language if job.language in LANGUAGES else DEFAULT
