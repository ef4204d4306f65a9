"""The family Veo 3.1: clips from text or pictures, their extension, and higher resolutions.

Facts about its API
    ``successFlag``: 0 running, 1 done, 2 and 3 failed. The answer to an extension has the added
    part and the whole clip. An upgrade to a higher resolution is started and queried by the same
    call, which names the clip; until it is ready the answer says "processing". Repeating the call
    creates nothing new. It has no task id of its own, so its id is derived from that of the clip.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from kie.api import wire
from kie.api.envelope import Envelope, envelope, is_task_id
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused, trouble
from kie.api.result import read_result
from kie.api.wire import Creation, Failed, Question, Report, Running
from kie.http.answer import Answer
from kie.http.link_policy import LinkPolicy
from supervisor.runtime.errors import Unavailable
from supervisor.values.foreign import whole

_PATHS = {"extend": ("veo/extend", "/api/v1/veo/extend")}
#: Codes of an upgrade that is running, if the message says so too.
_ON_ITS_WAY = {400, 422}
_PROCESSING = "processing"
#: Codes of an upgrade that has failed.
_FAILED = {408, 500, 501}


class Veo:
    """Clips."""

    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        # The inputs name the model of Veo.
        usual = ("veo/generate", "/api/v1/veo/generate")
        call, path = _PATHS.get(model.partition("/")[2], usual)
        body = dict(inputs)
        if callback_url is not None:
            body["callBackUrl"] = callback_url
        return Creation(call, path, body)

    def created(self, inputs: Mapping[str, Any], answer: Answer) -> str:
        del inputs
        return wire.created_task(answer)

    def question(self, task_id: str) -> Question:
        return Question("GET", "/api/v1/veo/record-info", {"taskId": task_id}, task_id=task_id)

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        data = wire.task_record(answer, "successFlag")
        if isinstance(data, Failed):
            return data
        match whole(data.get("successFlag")):
            case 1:
                found = read_result({"resultJson": _whole_clip(data.get("response"))}, policy)
                return wire.success_of(found, data)
            case 2 | 3:
                return wire.failure_of(data.get("errorCode"), data.get("errorMessage"))
            case _:
                return Running()


class VeoUpgrade:
    """A clip of Veo in another resolution. The task's id is ``<clip>.<resolution>.<random>``."""

    def __init__(self, resolution: str, method: str, path: str) -> None:
        self._resolution = resolution
        self._method = method
        self._path = path

    def creation(self, model: str, inputs: Mapping[str, Any], callback_url: str | None) -> Creation:
        # A callback would name an unknown task, so the upgrade is only polled.
        del callback_url
        return Creation(model, self._path, dict(inputs), self._method, repeatable=True)

    def created(self, inputs: Mapping[str, Any], answer: Answer) -> str:
        found = _answered(answer)
        if found.code == 200 or _on_its_way(found):
            made = f"{inputs['taskId']}.{self._resolution}.{secrets.token_hex(6)}"
            if is_task_id(made):
                return made
            raise TaskRefused("the clip has no usable id", Failure.REFUSED_INPUT)
        raise trouble(found.code, found.message)

    def question(self, task_id: str) -> Question:
        clip = {"taskId": task_id.rsplit(".", 2)[0]}
        if self._method == "GET":
            return Question("GET", self._path, clip)
        return Question(self._method, self._path, body=clip)

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        found = _answered(answer)
        if _on_its_way(found):
            return Running()
        if found.code == 200:
            data = found.data if isinstance(found.data, Mapping) else {}
            result = read_result({"resultJson": dict(data)}, policy)
            # While it runs, the answer may look finished but have no link.
            if not result.urls and data.get("resultUrls", "") is None:
                return Running()
            return wire.success_of(result, data)
        later = trouble(found.code, found.message)
        if found.code in _FAILED and not isinstance(later, Unavailable):
            return Failed(Failure.BROKEN, f"{found.code} {found.message}")
        raise wire.query_trouble(found)


#: Upgrades have calls of their own.
UPGRADES = {
    "veo/1080p": VeoUpgrade("1080p", "GET", "/api/v1/veo/get-1080p-video"),
    "veo/4k": VeoUpgrade("4k", "POST", "/api/v1/veo/get-4k-video"),
}


def _answered(answer: Answer) -> Envelope:
    """The envelope of the answer. Raises as ``wire.task_report`` does."""
    found = envelope(answer)
    if found is None or answer.status != 200:
        raise wire.unreadable(answer)
    return found


def _on_its_way(found: Envelope) -> bool:
    return found.code in _ON_ITS_WAY and _PROCESSING in found.message.lower()


def _whole_clip(response: Any) -> Any:
    """The response with the whole extended clip as its result, where kie.ai provides it."""
    if isinstance(response, Mapping) and response.get("fullResultUrls"):
        return {**response, "resultUrls": response["fullResultUrls"]}
    return response
