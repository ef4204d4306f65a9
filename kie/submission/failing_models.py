"""Models whose createTask calls fail, so that jobs of all others are sent first.

kie.ai may take no tasks of one model, such as one whose provider is away, while it takes those of
all others. Its calls open the circuit, and then one call at a time is tried: always the oldest job,
which may be of that model each time. So a model that has failed stands back for ``DOUBTED``
seconds, which is longer than the pauses of the circuit, or until a call for it works. Meanwhile
its jobs are sent when no other job is due.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from kie.api.circuit import CircuitOpen
from kie.api.limiter import Busy
from kie.api.refusals import TaskRefused
from kie.http.attempt import Vetoed
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Fenced, Rejected

DOUBTED = 300.0  #: seconds


class FailingModels:
    """Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._until: dict[str, float] = {}

    @contextmanager
    def noted(self, model: str) -> Iterator[None]:
        """Note the outcome of the createTask call inside."""
        try:
            yield
        except TaskRefused as error:
            if not error.once_more:
                self._worked(model)
            raise
        except (Busy, CircuitOpen, Vetoed, Fenced, Rejected):
            raise  # it says nothing about the model
        except BotError:
            with self._lock:
                self._until[model] = self._clock.now() + DOUBTED
            raise
        else:
            self._worked(model)

    def names(self) -> list[str]:
        now = self._clock.now()
        with self._lock:
            self._until = {model: until for model, until in self._until.items() if until > now}
            return sorted(self._until)

    def _worked(self, model: str) -> None:
        """kie.ai has read a call, even if it refused it."""
        with self._lock:
            self._until.pop(model, None)
