"""A call that cannot be interrupted, and a caller whose patience is limited.

The call runs in a thread of its own. When it takes too long, its caller goes on without it, and
what it returns at last is passed to somebody else.
"""

from collections.abc import Callable
from threading import Event, Lock
from typing import Generic, TypeVar

from supervisor.runtime.errors import Unavailable
from supervisor.runtime.threads import BackgroundThread

Result = TypeVar("Result")


class TimedCall(Generic[Result]):
    """One call; it begins at once."""

    def __init__(
        self, name: str, call: Callable[[], Result], *, late: Callable[[Result], None]
    ) -> None:
        """``late`` gets a result that nobody waits for any more. Raises ``Unavailable`` when there
        is no thread to be had."""
        self._call = call
        self._late = late
        self._lock = Lock()
        self._woken = Event()
        self._is_done = False
        self._is_left = False
        self._result: Result
        self._failure: BaseException | None = None
        try:
            BackgroundThread(name, self._run).start()
        except RuntimeError:
            raise Unavailable(f"no thread for {name}") from None

    def result(self, seconds: float) -> Result:
        """What the call returns or raises. Raises ``TimeoutError`` after ``seconds``, or when it is
        abandoned."""
        self._woken.wait(max(0.0, seconds))
        with self._lock:
            if not self._is_done:
                self._is_left = True
                raise TimeoutError
        if self._failure is not None:
            raise self._failure
        return self._result

    def abandon(self) -> None:
        """Let the caller go on without the result. From any thread."""
        self._woken.set()

    def _run(self, _stop: Event) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001 raised in the thread of the caller
            self._failure = error
        with self._lock:
            self._is_done = True
            self._woken.set()
            is_left = self._is_left
        if is_left and self._failure is None:
            self._late(self._result)
