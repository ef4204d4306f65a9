"""Replaces the references to users' files in the inputs of a job by links to uploads.

Dialogues and ``generation_jobs.input_params`` contain references. A reference has Telegram's file
id and never a URL, because Telegram's file URLs contain the bot's token. Just before createTask
each file is downloaded from Telegram and uploaded to kie.ai, a picture as what its bytes are. The
link is used again for a while, unless kie.ai has failed a job with it.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from threading import BoundedSemaphore, Lock
from typing import Any, Protocol

from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.catalogue.user_file import UNTOLD, UserFile
from kie.files.media_length import seconds_of
from kie.files.picture_type import USABLE, is_something_else, picture_type
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Fenced, Misconfigured, Unavailable

#: Seconds for which the link of an upload is reused; kie.ai keeps uploads for at least a day.
UPLOAD_LIFE = 3600.0
MOST_UPLOADS = 1000  #: links that are remembered
#: Bytes. Any number of light files may be transferred at once. A heavier file is three or four
#: times in memory during its transfer, so only ``HEAVY_AT_ONCE`` of them are.
LIGHT = 2 * 1024 * 1024
HEAVY_AT_ONCE = 2
HEAVY_PATIENCE = 1.0  #: seconds that a worker waits for a free slot; then the job waits
#: Kinds of files that have a length, and the tolerance of the declared length: apps round it.
PLAYED = {"audio", "video"}
LENGTH_MARGIN, LENGTH_SHARE = 1.5, 0.03
#: Failures whose cause may be that kie.ai could not read an upload: it seldom says so.
DOUBTFUL = frozenset({Failure.BROKEN, Failure.REFUSED_INPUT, Failure.REFUSED_CONTENT})

#: Called with the inputs of a job that kie.ai has failed, and how; see ``InputFiles.doubt``.
Doubt = Callable[[Mapping[str, Any], Failure], None]


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


@dataclass(frozen=True, slots=True)
class _Given:
    """A file that kie.ai has."""

    link: str
    seconds: float | None  #: how long it plays, by its own bytes
    until: float  #: when the link is not used any more


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
        self._known: OrderedDict[str, _Given] = OrderedDict()

    def resolve(self, inputs: Mapping[str, Any], timed: str = "") -> dict[str, Any]:
        """The inputs with links instead of references. ``timed`` is the input whose files are
        charged by length; their length is measured.

        Raises only ``Unavailable`` (``Busy``: nothing was tried), ``Fenced`` or ``TaskRefused``.
        """
        try:
            return {
                name: self._resolved(value, timed=name == timed) for name, value in inputs.items()
            }
        except (TaskRefused, Unavailable, Fenced):
            raise
        except BotError as error:
            if error.disposition is Disposition.ASK or isinstance(error, Misconfigured):
                # No task was created, and the user cannot change a wrong setting.
                raise Unavailable(str(error)) from None
            raise TaskRefused(f"a file: {error}", Failure.REFUSED_FILE) from None

    def doubt(self, inputs: Mapping[str, Any], failure: Failure) -> None:
        """kie.ai has failed a job with these inputs: their files are uploaded anew the next time,
        unless the reason is surely another one."""
        if failure not in DOUBTFUL:
            return
        given = [each for value in inputs.values() for each in _listed(value)]
        with self._lock:
            for file in filter(None, map(UserFile.of, given)):
                self._known.pop(file.file_id, None)

    def _resolved(self, value: Any, *, timed: bool) -> Any:
        if isinstance(value, list):
            return [self._resolved(each, timed=timed) for each in value]
        file = UserFile.of(value)
        if file is None:
            return value
        given = self._given(file)
        if timed:
            _judge_length(file, given.seconds)
        return given.link

    def _given(self, file: UserFile) -> _Given:
        with self._lock:
            known = self._known.get(file.file_id)
        if known is not None and self._clock.now() < known.until:
            return known
        if 0 < file.size <= LIGHT:
            given = self._carried(file)
        elif self._heavy.acquire(timeout=HEAVY_PATIENCE):
            try:
                given = self._carried(file)
            finally:
                self._heavy.release()
        else:
            raise Busy("enough large files are on their way", retry_after=HEAVY_PATIENCE)
        with self._lock:
            self._known[file.file_id] = given
            while len(self._known) > MOST_UPLOADS:
                self._known.popitem(last=False)
        return given

    def _carried(self, file: UserFile) -> _Given:
        content = self._files.fetch(file)
        # Measured from the same bytes that kie.ai gets.
        seconds = seconds_of(content) if file.kind in PLAYED else None
        if file.kind == "image":
            file = _as_it_is(file, content)
        link = self._upload(file.name, content, file.mime)
        return _Given(link, seconds, self._clock.now() + UPLOAD_LIFE)


def _as_it_is(file: UserFile, content: bytes) -> UserFile:
    """The same picture with the type of its bytes, which its sender's app may not know."""
    mime = picture_type(content)
    untrue = file.mime == UNTOLD or (file.mime in USABLE and is_something_else(content))
    if mime is None and untrue:
        raise TaskRefused("a file: its bytes are no picture", Failure.NO_PICTURE)
    if mime is None or mime == file.mime:
        return file
    name = f"{PurePath(file.name).stem}{USABLE[mime]}"
    return replace(file, mime=mime, name=name)


def _judge_length(file: UserFile, seconds: float | None) -> None:
    """Raise unless the measured length is the one that the price assumes."""
    declared = file.seconds or 0.0
    if seconds is None:
        told = f"nobody can tell how long it plays; {declared:g} s were declared"
    elif abs(seconds - declared) > max(LENGTH_MARGIN, declared * LENGTH_SHARE):
        told = f"it plays {seconds:.1f} s; {declared:g} s were declared"
    else:
        return
    raise TaskRefused(f"a file: {told}", Failure.OTHER_LENGTH)
