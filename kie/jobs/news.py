"""The interface through which kie/ reports events of jobs; handlers/ implements it.

Every method is called within the transaction that changes the job, so that the change and its
message are committed together. Implementations write rows. They send nothing and raise only what
the database raises.
"""

from typing import Protocol

from kie.api.notice import Notice
from kie.api.outcome import Failure, Result
from kie.http.untrusted import Untrusted
from kie.jobs.job import Job
from supervisor.database.transactions import Tx

UNTRUSTED_KEY = "kie:certificate"


def untrusted(error: Untrusted) -> Notice:
    """The notice for the operator about an untrusted certificate."""
    return Notice("certificate", {"reason": error.reason})


class News(Protocol):
    """The events of jobs."""

    def started(self, tx: Tx, job: Job) -> None:
        """kie.ai has accepted the task."""
        ...

    def delayed(self, tx: Tx, job: Job) -> None:
        """kie.ai does not answer; the job stays queued and is tried again."""
        ...

    def queued(self, tx: Tx, job: Job, place: int) -> None:
        """The queue has moved: the job has the place ``place``."""
        ...

    def succeeded(self, tx: Tx, job: Job, result: Result) -> None:
        """There is a result. Called once per job."""
        ...

    def failed(self, tx: Tx, job: Job, failure: Failure) -> None:
        """There will be no result. Called once per job."""
        ...

    def gift(self, tx: Tx, job: Job, result: Result) -> None:
        """A result came after the job had been given up. Called once per job."""
        ...

    def alert(self, tx: Tx, key: str, notice: Notice) -> None:
        """A notice for the operators. The same ``key`` is sent at most once an hour."""
        ...
