"""The interface through which kie/ reports events of jobs; handlers/ implements it.

Every method is called within the transaction that changes the job, so that the change and its
message are committed together. Implementations write rows. They send nothing and raise only what
the database raises.
"""

from typing import Protocol

from kie.api.outcome import Failure, Result
from kie.http.not_sent import Untrusted
from kie.jobs.job import Job
from supervisor.database.transactions import Tx

UNTRUSTED_KEY = "kie:certificate"


def untrusted(error: Untrusted) -> str:
    """The notice for the operator about an untrusted certificate."""
    return (
        f"{error}. Nothing is sent there until it is. If a proxy or an authority of your own signs"
        " it, name its bundle in SSL_CERT_FILE; else the clock or the network may be wrong."
    )


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

    def alert(self, tx: Tx, key: str, text: str) -> None:
        """A notice for the operator. The same ``key`` is sent at most once an hour."""
        ...
