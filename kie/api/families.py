"""kie.ai's families: how each is asked to make something, and how its answers are read.

The market's models share one endpoint. Veo 3.1 and Suno have endpoints, states and bodies of their
own; behind ``KieClient`` all are alike: a task is created, asked for, and ends in a ``Report``.
Which family a model belongs to is in its name: ``veo/…``, ``suno/…``, everything else is the
market's.

Facts of the wire
    Veo answers with ``successFlag``: 0 running, 1 done, 2 and 3 failed. Suno makes two songs a
    task, wants a callback URL in any case, and says CALLBACK_EXCEPTION when its own call to us
    failed, though the songs are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kie.api import wire
from kie.api.envelope import envelope
from kie.api.outcome import Failure, Result, Song
from kie.api.refusals import TaskUnknown
from kie.api.result import read_result
from kie.api.wire import Failed, Report, Running
from kie.http.answer import Answer
from kie.http.reach import Reach
from supervisor.values.foreign import number, printable, storable, whole

#: Suno refuses a task without a callback URL. The name cannot exist (RFC 6761): nobody hears.
NO_CALLBACK = "https://callback.invalid/"
LONGEST_NAME = 200  #: characters of a song's title


@dataclass(frozen=True, slots=True)
class Creation:
    """A request that makes a task."""

    call: str  #: its name in metrics
    path: str
    body: Mapping[str, Any]


class Family(Protocol):
    """Pure: requests and readings, no HTTP."""

    query: str  #: the path of the question for a task

    def creation(
        self, model: str, inputs: Mapping[str, Any], callback_url: str | None
    ) -> Creation: ...

    def report(self, answer: Answer, reach: Reach) -> Report:
        """Raises as ``wire.task_report`` does."""
        ...


def family_of(model: str) -> Family:
    """The family that makes tasks of this model."""
    return _FAMILIES.get(model.partition("/")[0], MARKET)


# ---------------------------------------------------------------------------- the market --


class _Market:
    query = "/api/v1/jobs/recordInfo"

    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        body: dict[str, Any] = {"model": model, "input": dict(inputs)}
        if callback_url is not None:
            body["callBackUrl"] = callback_url
        return Creation("createTask", "/api/v1/jobs/createTask", body)

    def report(self, answer: Answer, reach: Reach) -> Report:
        return wire.task_report(answer, reach)


# ------------------------------------------------------------------------------- Veo 3.1 --


class _Veo:
    query = "/api/v1/veo/record-info"

    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        del model  # which Veo it is stands among the inputs
        body = dict(inputs)
        if callback_url is not None:
            body["callBackUrl"] = callback_url
        return Creation("veo/generate", "/api/v1/veo/generate", body)

    def report(self, answer: Answer, reach: Reach) -> Report:
        data = _record(answer)
        match whole(data.get("successFlag")):
            case 1:
                found = read_result({"resultJson": data.get("response")}, reach)
                return wire.success_of(found, data)
            case 2 | 3:
                return wire.failure_of(data.get("errorCode"), data.get("errorMessage"))
            case _:
                return Running()


# ---------------------------------------------------------------------------------- Suno --

_SUNO_PATHS = {"cover": "/api/v1/generate/upload-cover"}
_SUNO_FAILED = {
    "CREATE_TASK_FAILED": Failure.BROKEN,
    "GENERATE_AUDIO_FAILED": Failure.BROKEN,
    "SENSITIVE_WORD_ERROR": Failure.REFUSED_CONTENT,
}


class _Suno:
    query = "/api/v1/generate/record-info"

    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        operation = model.partition("/")[2]
        path = _SUNO_PATHS.get(operation, "/api/v1/generate")
        call = "suno/upload-cover" if operation == "cover" else "suno/generate"
        return Creation(call, path, {**inputs, "callBackUrl": callback_url or NO_CALLBACK})

    def report(self, answer: Answer, reach: Reach) -> Report:
        data = _record(answer)
        status = str(data.get("status"))
        response = data.get("response")
        found = response.get("sunoData") if isinstance(response, Mapping) else None
        made = found if isinstance(found, list) else []
        songs = [_song(each, reach) for each in made]
        ready = tuple(song for song in songs if song is not None)
        # Its own call to us failed: the songs are there as soon as each has a link.
        there = bool(songs) and all(isinstance(m, Mapping) and m.get("audioUrl") for m in made)
        if status == "SUCCESS" or (status == "CALLBACK_EXCEPTION" and there):
            links = tuple(song.url for song in ready)
            return wire.success_of(Result(links, songs=ready), data)
        if status in _SUNO_FAILED:
            failed = wire.failure_of(data.get("errorCode"), data.get("errorMessage"))
            if _SUNO_FAILED[status] is Failure.REFUSED_CONTENT:
                return Failed(Failure.REFUSED_CONTENT, failed.message)
            return failed
        return Running()


def _song(raw: object, reach: Reach) -> Song | None:
    if not isinstance(raw, Mapping):
        return None
    link = reach.link(raw.get("audioUrl"))
    if link is None:
        return None
    return Song(
        url=link,
        title=storable(raw.get("title"), LONGEST_NAME).strip(),
        performer="Suno",
        cover=reach.link(raw.get("imageUrl")),
        seconds=number(raw.get("duration"), 0.0, 1e5),
        number=str(printable(raw.get("id"), 100)) or None,
    )


# ------------------------------------------------------------------------------ internal --


def _record(answer: Answer) -> Mapping[str, Any]:
    """The record of a task. Raises as ``wire.task_report`` does, and ``TaskUnknown``."""
    found = envelope(answer)
    if found is None:
        raise wire.unreadable(answer)
    if answer.status == 200 and found.code == 200:
        if isinstance(found.data, Mapping):
            return found.data
        raise TaskUnknown("kie.ai has no record of it")
    raise wire.query_trouble(found)


MARKET: Family = _Market()
_FAMILIES: Mapping[str, Family] = {"veo": _Veo(), "suno": _Suno()}
