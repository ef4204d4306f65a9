"""The family Suno: a task makes two songs, in stages.

Facts about its API
    A callback URL is required. Suno calls back after each stage: the lyrics, the first song, both
    songs. The status is CALLBACK_EXCEPTION when its callback failed, although the songs exist. An
    extension names one song and the version of Suno that made it.
"""

from collections.abc import Mapping
from typing import Any

from kie.api import wire
from kie.api.outcome import Failure, Result, Song
from kie.api.wire import Creation, Failed, Question, Report, Running
from kie.http.answer import Answer
from kie.http.link_policy import LinkPolicy
from supervisor.values.foreign import number, printable, storable

#: Suno refuses a task without a callback URL. This host name cannot exist (RFC 6761).
NO_CALLBACK = "https://callback.invalid/"
LONGEST_NAME = 200  #: characters of a song's title

#: Operations with an endpoint of their own: the call's name and its path.
_OPERATIONS = {
    "cover": ("suno/upload-cover", "/api/v1/generate/upload-cover"),
    "extend": ("suno/extend", "/api/v1/generate/extend"),
}
_FAILED = {
    "CREATE_TASK_FAILED": Failure.BROKEN,
    "GENERATE_AUDIO_FAILED": Failure.BROKEN,
    "SENSITIVE_WORD_ERROR": Failure.REFUSED_CONTENT,
}


class Suno:
    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        operation = model.partition("/")[2]
        call, path = _OPERATIONS.get(operation, ("suno/generate", "/api/v1/generate"))
        return Creation(call, path, {**inputs, "callBackUrl": callback_url or NO_CALLBACK})

    def created(self, inputs: Mapping[str, Any], answer: Answer) -> str:
        del inputs
        return wire.created_task(answer)

    def question(self, task_id: str) -> Question:
        return Question("GET", "/api/v1/generate/record-info", {"taskId": task_id}, task_id=task_id)

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        data = wire.task_record(answer, "status")
        if isinstance(data, Failed):
            return data
        status = str(data.get("status"))
        response = data.get("response")
        found = response.get("sunoData") if isinstance(response, Mapping) else None
        made = found if isinstance(found, list) else []
        songs = [_song(each, policy) for each in made]
        ready = tuple(song for song in songs if song is not None)
        # After CALLBACK_EXCEPTION the songs are complete when each has a link.
        there = bool(songs) and all(isinstance(m, Mapping) and m.get("audioUrl") for m in made)
        if status == "SUCCESS" or (status == "CALLBACK_EXCEPTION" and there):
            links = tuple(song.url for song in ready)
            return wire.success_of(Result(links, songs=ready), data)
        if status in _FAILED:
            failed = wire.failure_of(data.get("errorCode"), data.get("errorMessage"))
            if _FAILED[status] is Failure.REFUSED_CONTENT:
                return Failed(Failure.REFUSED_CONTENT, failed.message)
            return failed
        return Running()


def _song(raw: Any, policy: LinkPolicy) -> Song | None:
    if not isinstance(raw, Mapping):
        return None
    link = policy.link(raw.get("audioUrl"))
    if link is None:
        return None
    return Song(
        url=link,
        title=storable(raw.get("title"), LONGEST_NAME).strip(),
        performer="Suno",
        cover=policy.link(raw.get("imageUrl")),
        seconds=number(raw.get("duration"), 0.0, 1e5),
        number=str(printable(raw.get("id"), 100)) or None,
    )
