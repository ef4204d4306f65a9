"""A job: one paid request of a user, from the press of the button to the settlement.

States (the table is the truth; PostgreSQL's CHECK repeats the words)::

    queued     --claimed for createTask-->  submitting
    submitting --task number known------->  waiting
    submitting --surely not accepted----->  queued | fail
    submitting --no answer--------------->  unclear
    unclear    --a callback names it----->  waiting
    queued     --a callback names it----->  waiting
    unclear    --time is over------------>  fail
    waiting    --a report of the end----->  success | fail

``success`` and ``fail`` are final: a later report changes nothing. Only a job that was given
up, not refused, is still asked for now and then; what comes of it is a gift.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kie.api.outcome import Failure


class JobState(enum.StrEnum):
    QUEUED = "queued"
    SUBMITTING = "submitting"
    UNCLEAR = "unclear"
    WAITING = "waiting"
    SUCCESS = "success"
    FAIL = "fail"


#: Failures after which a result may still come: nobody knows that it will not.
GIVEN_UP = frozenset({Failure.LOST, Failure.TIMED_OUT, Failure.UNCLEAR})


@dataclass(frozen=True, slots=True)
class NewJob:
    """What handlers/ asks for. ``request_key`` makes a repeated request find its job."""

    user_id: int
    chat_id: int | None  #: None: nobody is told (a check without an operator)
    language: str
    model: str
    inputs: Mapping[str, Any]
    price: int  #: credits of this bot, integer; 0 is free
    request_key: str
    status_message_id: int | None  #: the message whose text shows the progress
    thread: int | None = None  #: the topic of the chat in which it was ordered


@dataclass(frozen=True, slots=True)
class Job:
    """A row of ``generation_jobs`` as the rest of the program sees it."""

    id: int
    user_id: int
    chat_id: int | None
    language: str
    model: str
    inputs: Mapping[str, Any]
    state: JobState
    task_id: str | None
    price: int
    status_message_id: int | None
    seconds: float  #: since it was created
    trace: str | None = None  #: the update from which it follows
    thread: int | None = None  #: the topic of the chat in which it was ordered
