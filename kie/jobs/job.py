"""A job: one request of a user, from its order to its settlement.

States (a CHECK constraint in the schema has the same names)::

    queued     --claimed for createTask-->  submitting
    submitting --task id known----------->  waiting
    submitting --surely not accepted----->  queued | fail
    submitting --no answer--------------->  unclear
    unclear    --a callback names it----->  waiting
    queued     --a callback names it----->  waiting
    unclear    --time is over------------>  fail
    waiting    --a report of the end----->  success | fail

``success`` and ``fail`` are final: a later report changes nothing. A job that was given up (not
refused) is still queried for a day. A result that comes then is a gift: it is delivered, and the
refund stays.
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


#: Failures after which a result may still come.
GIVEN_UP = frozenset({Failure.LOST, Failure.TIMED_OUT, Failure.UNCLEAR})


@dataclass(frozen=True, slots=True)
class NewJob:
    """The order of a job. By ``request_key`` a repeated request finds its job."""

    user_id: int
    chat_id: int | None  #: None: there is nobody to tell (a check without an operator)
    language: str
    model: str
    inputs: Mapping[str, Any]
    price: int  #: credits of this bot, integer; 0 is free
    request_key: str
    status_message_id: int | None  #: the message whose text shows the progress
    thread: int | None = None  #: the topic of the chat in which it was ordered
    wish_message_id: int | None = None  #: the user's message with the words
    repeats: int | None = None  #: the job whose button asked for the same once more


@dataclass(frozen=True, slots=True)
class Job:
    """A row of ``generation_jobs``."""

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
    wish_message_id: int | None = None  #: the user's message with the words
