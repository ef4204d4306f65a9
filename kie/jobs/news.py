"""What kie/ needs from whoever talks to people. handlers/ happens to fit.

Every call is made inside the transaction that changes the job, so that news and
fact are committed together or not at all. Implementations write rows; they send
nothing and raise only what the database raises.
"""

from typing import Protocol

from kie.api.outcome import Failure, Result
from kie.http.not_sent import Untrusted
from kie.jobs.job import Job
from supervisor.database.transactions import Tx

UNTRUSTED_KEY = "kie:certificate"


def untrusted(error: Untrusted) -> str:
    """What the operator is told of a certificate."""
    return (
        f"{error}. Nothing is sent there until it is. If a proxy or an authority of your own signs"
        " it, name its bundle in SSL_CERT_FILE; else the clock or the network may be wrong."
    )


class News(Protocol):
    """Where a job leaves its news."""

    def started(self, tx: Tx, job: Job) -> None:
        """kie.ai accepted the task; it is being made."""
        ...

    def delayed(self, tx: Tx, job: Job) -> None:
        """kie.ai is away; the job stays queued and is tried again."""
        ...

    def queued(self, tx: Tx, job: Job, place: int) -> None:
        """The queue has moved: the job's turn comes as the ``place``-th."""
        ...

    def succeeded(self, tx: Tx, job: Job, result: Result) -> None:
        """There is a result. Called once per job."""
        ...

    def failed(self, tx: Tx, job: Job, failure: Failure) -> None:
        """There will be no result. Called once per job."""
        ...

    def gift(self, tx: Tx, job: Job, result: Result) -> None:
        """A result came after its job had been given up. Called once per job."""
        ...

    def alert(self, tx: Tx, key: str, text: str) -> None:
        """Something for the operator; the same ``key`` is told once an hour at most."""
        ...
