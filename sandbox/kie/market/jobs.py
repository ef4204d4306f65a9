"""createTask and recordInfo."""

import time
from typing import Any

from aiohttp import web

from sandbox.kie.account import Account
from sandbox.kie.front import Front
from sandbox.kie.lifecycle import Lifecycle
from sandbox.kie.market import inputs, prices
from sandbox.kie.market.catalogue import MarketModel
from sandbox.kie.market.records import callback_body, record
from sandbox.kie.outgoing import Outgoing, WrongKind
from sandbox.kie.results import result_json
from sandbox.kie.tasks import CALL_FAULTS, Task, prompt_of

#: How long a task takes, by the kind of its result.
SECONDS = {"image": 5.0, "video": 12.0, "audio": 4.0, "data": 3.0, "text": 3.0}
NO_CREDITS = (
    "Credits insufficient : Your current balance isn’t enough to run this request."
    " Please top up to continue."
)
_PARENTS = ("task_id", "taskId", "origin_task_id")


class Jobs:
    """The two calls on tasks, in kie.ai's order of checks."""

    def __init__(
        self, account: Account, front: Front, lifecycle: Lifecycle, outgoing: Outgoing
    ) -> None:
        self._account = account
        self._front = front
        self._lifecycle = lifecycle
        self._outgoing = outgoing

    def add_routes(self, router: web.UrlDispatcher) -> None:
        router.add_post("/api/v1/jobs/createTask", self._create)
        router.add_get("/api/v1/jobs/recordInfo", self._record)

    async def _create(self, request: web.Request) -> web.StreamResponse:
        account = self._account
        body = await self._front.json_body(request)
        model_id, words = str(body.get("model", "")), prompt_of(body.get("input"))
        account.note("createTask", model=model_id, prompt=words)
        ended = await self._front.stop(request, "createTask", "create", model=model_id, words=words)
        if ended is not None:
            return ended
        unknown = set(body) - {"model", "input", "callBackUrl", "progressCallBackUrl"}
        if unknown:
            account.violations.append(f"createTask: unknown fields {sorted(unknown)}")
        try:
            task = await self._accepted(body)
        except inputs.Refusal as refusal:
            return account.answer(refusal.code, refusal.message)
        await self._lifecycle.begin(task)
        answer = account.answer(200, "success", {"taskId": task.id, "recordId": task.id})
        return await self._front.done(request, "createTask", answer, model=model_id, words=words)

    async def _accepted(self, body: dict[str, Any]) -> Task:
        """The task, not yet charged. Raises ``Refusal``."""
        account = self._account
        if not body.get("model"):
            raise inputs.Refusal(422, "model is required")
        model = inputs.model_of(str(body["model"]), frozenset(account.withdrawn))
        given = inputs.check(model, body.get("input"))
        if model.callback and not body.get("callBackUrl"):
            raise inputs.Refusal(422, "Please enter callBackUrl.")
        parent = self._parent(given)
        await self._check_files(model, given)
        filled = model.complete(given)
        price = prices.price(model, filled, parent)
        if account.credits < price:
            raise inputs.Refusal(402, NO_CREDITS)
        faults = account.task_faults("createTask", model.id, prompt_of(given), CALL_FAULTS)
        return Task(
            model=model.id,
            kind=model.kind,
            inputs=filled,
            callback_url=body.get("callBackUrl"),
            price=price,
            ready_at=time.monotonic() + SECONDS[model.kind] * account.time_scale,
            faults=faults,
            describe=self._callback_body,
            files=prices.count(model, filled),
            state=str(faults.get("state", "waiting")),
        )

    def _callback_body(self, task: Task, stage: str) -> dict[str, Any]:
        del stage  # the market calls back once
        return callback_body(task, result_json(task, self._account.url), self._account.dialects)

    def _parent(self, given: dict[str, Any]) -> dict[str, Any]:
        """The input of the task that this one goes on from; empty: none."""
        for name in _PARENTS:
            if name in given:
                task = self._account.tasks.get(given[name])
                if task is None or task.family != "market" or task.state != "success":
                    raise inputs.Refusal(422, "Record does not exist")
                return dict(task.inputs)
        return {}

    async def _check_files(self, model: MarketModel, given: dict[str, Any]) -> None:
        """Raises ``Refusal`` in kie.ai's misleading words."""
        files = [(kind, url) for _, kind, url in inputs.urls(model, given)]
        for _, url in files:
            if "/file/bot" in url:
                self._account.violations.append(f"createTask {model.id}: a URL with a bot's token")
        if not self._account.fetch_inputs:
            return
        try:
            await self._outgoing.check_files(files)
        except OSError:
            raise inputs.Refusal(500, inputs.LOOKS_TRANSIENT) from None
        except WrongKind:
            raise inputs.Refusal(500, "File type not supported") from None

    async def _record(self, request: web.Request) -> web.StreamResponse:
        account = self._account
        task_id = request.query.get("taskId", "")
        task = account.tasks.get(task_id)
        task = task if task is not None and task.family == "market" else None
        account.note("recordInfo", task=task_id)
        words = task.prompt if task is not None else ""
        ended = await self._front.stop(request, "recordInfo", "query", words=words)
        if ended is not None:
            return ended
        if set(request.query) - {"taskId"}:
            account.violations.append(f"recordInfo: unknown parameters {sorted(request.query)}")
        if not task_id:
            return account.answer(400, "taskId parameter is required")
        if task is None:
            return account.answer(422, "recordInfo is null")
        task.polls += 1
        if time.monotonic() - task.created_at < float(task.faults.get("fresh_gap", 0)):
            return account.answer(422, "recordInfo is null")
        data = record(task, result_json(task, account.url), account.dialects)
        outer = task.faults.get("outer_code")
        if outer is not None and task.state == "fail":
            return account.answer(int(outer), "Generation Failed", data)
        answer = account.answer(200, "success", data)
        return await self._front.done(request, "recordInfo", answer, words=words)
