"""Files that users sent: how an input names one until it is given to kie.ai.

A reference is what the dialogue and ``generation_jobs.input_params`` keep. It holds
Telegram's file id and never a URL: Telegram's file URLs contain the bot's token. Just before
createTask each file is fetched from where the user sent it and uploaded to kie.ai; what is
sent is the link that kie.ai gave.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol

from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.wire import TaskRefused
from kie.catalogue.user_file import UserFile
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Fenced, Misconfigured, Unavailable

#: Seconds for which an upload is used again; kie.ai keeps it for a day at least.
UPLOAD_LIFE = 3600.0
MOST_UPLOADS = 1000  #: links that are remembered
#: Bytes of a file that is fetched and uploaded beside any number of others. A heavier one stands
#: in memory three or four times on its way, and a small machine bears ``HEAVY_AT_ONCE`` of them.
LIGHT = 2 * 1024 * 1024
HEAVY_AT_ONCE = 2
HEAVY_PATIENCE = 1.0  #: seconds that a heavy file waits for its turn before its job does


def names_files(inputs: Mapping[str, Any]) -> bool:
    """Whether there is anything to upload."""
    values = [each for value in inputs.values() for each in _listed(value)]
    return any(UserFile.of(each) is not None for each in values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class UserFiles(Protocol):
    """Where users' files come from."""

    def fetch(self, file: UserFile) -> bytes:
        """The bytes. Raises children of ``BotError``: retry, give up, or step down."""
        ...


class InputFiles:
    """Puts links in place of references. Thread-safe."""

    def __init__(
        self, files: UserFiles, upload: Callable[[str, bytes, str], str], clock: Clock
    ) -> None:
        self._files = files
        self._upload = upload
        self._clock = clock
        self._lock = Lock()
        self._heavy = BoundedSemaphore(HEAVY_AT_ONCE)
        #: A job that is tried again, or made again, uploads nothing twice.
        self._links: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def resolve(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as kie.ai wants them.

        Raises ``Unavailable`` (``Busy``: nothing was tried), ``Fenced`` or ``TaskRefused`` and
        nothing else: no task exists then, whatever went wrong.
        """
        try:
            return {name: self._resolved(value) for name, value in inputs.items()}
        except (TaskRefused, Unavailable, Fenced):
            raise
        except BotError as error:
            if error.disposition is Disposition.ASK or isinstance(error, Misconfigured):
                # Nothing was sent; and a setting that is wrong is not the user's matter.
                raise Unavailable(str(error)) from None
            raise TaskRefused(f"a file: {error}", Failure.REFUSED_FILE) from None

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._resolved(each) for each in value]
        file = UserFile.of(value)
        return value if file is None else self._link(file)

    def _link(self, file: UserFile) -> str:
        with self._lock:
            link, until = self._links.get(file.file_id, ("", 0.0))
        if self._clock.now() < until:
            return link
        if 0 < file.size <= LIGHT:
            link = self._carried(file)
        elif self._heavy.acquire(timeout=HEAVY_PATIENCE):
            try:
                link = self._carried(file)
            finally:
                self._heavy.release()
        else:
            raise Busy("enough large files are on their way", retry_after=HEAVY_PATIENCE)
        with self._lock:
            self._links[file.file_id] = (link, self._clock.now() + UPLOAD_LIFE)
            while len(self._links) > MOST_UPLOADS:
                self._links.popitem(last=False)
        return link

    def _carried(self, file: UserFile) -> str:
        return self._upload(file.name, self._files.fetch(file), file.mime)
