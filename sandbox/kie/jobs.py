"""createTask and recordInfo."""

import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.broken import cut
from sandbox.kie import inputs, prices
from sandbox.kie.fetching import check_files
from sandbox.kie.lifecycle import call_back, live
from sandbox.kie.market import MarketModel
from sandbox.kie.results import result_json
from sandbox.kie.tasks import CALL_FAULTS, Task, prompt_of

if TYPE_CHECKING:
    from sandbox.kie.server import KieSandbox

#: How long a task takes, by the kind of its result.
SECONDS = {"image": 5.0, "video": 12.0, "audio": 4.0, "data": 3.0, "text": 3.0}
_NO_CREDITS = (
    "Credits insufficient : Your current balance isn’t enough to run this request."
    " Please top up to continue."
)
_PARENTS = ("task_id", "taskId", "origin_task_id")


class Jobs:
    """The two calls on tasks, in kie.ai's order of checks."""

    def __init__(self, kie: "KieSandbox") -> None:
        self._kie = kie

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/v1/jobs/createTask", self._create)
        router.add_get("/api/v1/jobs/recordInfo", self._record)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        kie = self._kie
        body = await kie.json_body(request)
        model_id, prompt = str(body.get("model", "")), prompt_of(body.get("input"))
        kie.note("createTask", model=model_id, prompt=prompt)
        refused = await kie.call_fault(request, "createTask", model_id, prompt)
        refused = refused or kie.refuse(request, "create")
        if refused is not None:
            return refused
        unknown = set(body) - {"model", "input", "callBackUrl", "progressCallBackUrl"}
        if unknown:
            kie.violations.append(f"createTask: unknown fields {sorted(unknown)}")
        try:
            task = await self._accepted(body)
        except inputs.Refusal as refusal:
            return kie.answer(refusal.code, refusal.message)
        kie.credits = round(kie.credits - task.price, 4)
        kie.tasks[task.id] = task
        if "early_callback" in task.faults:
            task.finish()
            await call_back(kie, task)
        else:
            kie.spawn(live(kie, task))
        if kie.take_fault("drop_after", "createTask", model_id, prompt) is not None:
            cut(request)
        return kie.answer(200, "success", {"taskId": task.id, "recordId": task.id})

    async def _accepted(self, body: dict[str, Any]) -> Task:
        """The task, not yet charged. Raises ``Refusal``."""
        kie = self._kie
        if not body.get("model"):
            raise inputs.Refusal(422, "model is required")
        model = inputs.model_of(str(body["model"]), frozenset(kie.withdrawn))
        given = inputs.check(model, body.get("input"))
        if model.callback and not body.get("callBackUrl"):
            raise inputs.Refusal(422, "Please enter callBackUrl.")
        parent = self._parent(given)
        await self._check_files(model, given)
        filled = model.complete(given)
        price = prices.price(model, filled, parent)
        if kie.credits < price:
            raise inputs.Refusal(402, _NO_CREDITS)
        faults = self._task_faults(model.id, prompt_of(given))
        return Task(
            model=model.id,
            kind=model.kind,
            inputs=filled,
            callback_url=body.get("callBackUrl"),
            price=price,
            ready_at=time.monotonic() + SECONDS[model.kind] * kie.time_scale,
            faults=faults,
            files=prices.count(model, filled),
            state=str(faults.get("state", "waiting")),
        )

    def _parent(self, given: dict[str, Any]) -> dict[str, Any]:
        """The input of the task that this one goes on from; empty: none."""
        for name in _PARENTS:
            if name in given:
                task = self._kie.tasks.get(given[name])
                if task is None or task.state != "success":
                    raise inputs.Refusal(422, "Record does not exist")
                return dict(task.inputs)
        return {}

    async def _check_files(self, model: MarketModel, given: dict[str, Any]) -> None:
        files = [(kind, url) for _, kind, url in inputs.urls(model, given)]
        for _, url in files:
            if "/file/bot" in url:
                self._kie.violations.append(f"createTask {model.id}: a URL with a bot's token")
        if self._kie.fetch_inputs and self._kie.http is not None:
            await check_files(self._kie.http, files)

    def _task_faults(self, model_id: str, prompt: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for fault in self._kie.faults:
            if fault.kind not in CALL_FAULTS and fault.matches("createTask", model_id, prompt):
                found[fault.kind] = fault.value
                fault.times -= 1
        return found

    async def _record(self, request: web.Request) -> web.StreamResponse:
        kie = self._kie
        task_id = request.query.get("taskId", "")
        task = kie.tasks.get(task_id)
        kie.note("recordInfo", task=task_id)
        prompt = task.prompt if task is not None else ""
        refused = await kie.call_fault(request, "recordInfo", "", prompt)
        refused = refused or kie.refuse(request, "query")
        if refused is not None:
            return refused
        if set(request.query) - {"taskId"}:
            kie.violations.append(f"recordInfo: unknown parameters {sorted(request.query)}")
        if not task_id:
            return kie.answer(400, "taskId parameter is required")
        if task is None:
            return kie.answer(422, "recordInfo is null")
        task.polls += 1
        if time.monotonic() - task.created_at < float(task.faults.get("fresh_gap", 0)):
            return kie.answer(422, "recordInfo is null")
        record = task.record(result_json(task, kie.url), kie.dialects)
        outer = task.faults.get("outer_code")
        if outer is not None and task.state == "fail":
            return kie.answer(int(outer), "Generation Failed", record)
        return kie.answer(200, "success", record)
