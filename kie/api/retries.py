"""Repeats a call that surely had no effect: a few times, within a time limit. A stop ends it."""

from collections.abc import Callable
from functools import wraps
from threading import Event
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import tenacity

from kie.api.circuit import CircuitOpen
from kie.api.limiter import Busy
from kie.api.refusals import TaskUnknown
from kie.http.untrusted import Untrusted
from supervisor.runtime.errors import Unavailable

#: The errors after which a call is repeated at once.
_PASSING = tenacity.retry_if_exception_type(Unavailable) & tenacity.retry_if_not_exception_type(
    (TaskUnknown, CircuitOpen, Busy, Untrusted)
)
TRIES = 3
RETRY_WITHIN = 20.0  #: seconds after which no further try begins


class Stoppable(Protocol):
    """An object with calls. ``stop`` ends their waits."""

    stop: Event


_Caller = TypeVar("_Caller", bound=Stoppable)
_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def with_retries(
    call: Callable[Concatenate[_Caller, _Given], _Found],
) -> Callable[Concatenate[_Caller, _Given], _Found]:
    """Make a method repeat a call that raises ``Unavailable``."""

    @wraps(call)
    def patient(self: _Caller, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Found:
        retrying = tenacity.Retrying(
            retry=_PASSING,
            stop=tenacity.stop_after_attempt(TRIES)
            | tenacity.stop_after_delay(RETRY_WITHIN)
            | tenacity.stop_when_event_set(self.stop),
            wait=tenacity.wait_random_exponential(multiplier=0.3, max=2.0),
            sleep=tenacity.sleep_using_event(self.stop),
            reraise=True,
        )
        return retrying(call, self, *args, **kwargs)

    return patient
