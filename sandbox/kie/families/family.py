"""What the families share: reading a call, charging for its task, answering it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.kie import facts
from sandbox.kie.account import Account
from sandbox.kie.front import Front
from sandbox.kie.lifecycle import Lifecycle
from sandbox.kie.market import inputs
from sandbox.kie.market.catalogue import MarketModel, fields
from sandbox.kie.market.inputs import Refusal
from sandbox.kie.market.jobs import NO_CREDITS
from sandbox.kie.outgoing import Outgoing, WrongKind
from sandbox.kie.tasks import CALL_FAULTS, Task

FILE = Path(__file__).with_name("families.yaml")
NO_RECORD = "Record does not exist"
Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """A task before it is paid: what a call asks for."""

    model: str
    kind: str
    price: float
    seconds: float
    describe: Callable[[Task, str], dict[str, Any]]
    stages: tuple[str, ...] = ("",)
    files: int = 1
    inputs: Mapping[str, Any] | None = None  #: in place of what was given


class Family:
    """The calls of one family. ``name`` stands in the tasks."""

    name = ""

    def __init__(
        self, account: Account, front: Front, lifecycle: Lifecycle, outgoing: Outgoing
    ) -> None:
        self.account = account
        self.front = front
        self._lifecycle = lifecycle
        self._outgoing = outgoing

    async def create(
        self, request: web.Request, call: str, order: Callable[[Given], Order]
    ) -> web.StreamResponse:
        """A call that makes a task. ``order`` raises ``Refusal``."""
        body = await self.front.json_body(request)
        words = str(body.get("prompt", ""))
        model = str(body.get("model", ""))
        self.account.note(call, model=model, prompt=words)
        ended = await self.front.stop(request, call, "create", model=model, words=words)
        if ended is not None:
            return ended
        try:
            task = await self._accepted(call, body, order)
        except Refusal as refusal:
            return self.account.answer(refusal.code, refusal.message)
        await self._lifecycle.begin(task)
        answer = self.account.answer(200, "success", {"taskId": task.id})
        return await self.front.done(request, call, answer, model=model, words=words)

    async def _accepted(self, call: str, body: Given, order: Callable[[Given], Order]) -> Task:
        form = forms()[call]
        given = inputs.check(form, body)
        files = [(kind, url) for _, kind, url in inputs.urls(form, given)]
        if any("/file/bot" in url for _, url in files):
            self.account.violations.append(f"{call}: a URL with a bot's token")
        wanted = order(form.complete(given))
        if self.account.fetch_inputs:
            try:
                await self._outgoing.check_files(files)
            except OSError:
                raise Refusal(400, _NO_IMAGE) from None
            except WrongKind:
                raise Refusal(500, "File type not supported") from None
        return self.task(call, form.complete(given), wanted)

    def task(self, call: str, given: Given, wanted: Order) -> Task:
        """The task of an order, not yet charged. Raises ``Refusal``: no credits."""
        if self.account.credits < wanted.price:
            raise Refusal(402, NO_CREDITS)
        words = str(given.get("prompt", ""))
        faults = self.account.task_faults(call, str(given.get("model", "")), words, CALL_FAULTS)
        return Task(
            model=wanted.model,
            kind=wanted.kind,
            inputs=given if wanted.inputs is None else wanted.inputs,
            callback_url=given.get("callBackUrl"),
            price=wanted.price,
            ready_at=time.monotonic() + wanted.seconds * self.account.time_scale,
            faults=faults,
            describe=wanted.describe,
            stages=wanted.stages,
            files=wanted.files,
            family=self.name,
        )

    async def record(
        self, request: web.Request, call: str, tell: Callable[[Task | None], web.Response]
    ) -> web.StreamResponse:
        """A query for a task of this family. A fresh task may not be known yet."""
        task_id = request.query.get("taskId", "")
        task = self.find(task_id)
        self.account.note(call, task=task_id)
        words = task.prompt if task is not None else ""
        ended = await self.front.stop(request, call, "query", words=words)
        if ended is not None:
            return ended
        if set(request.query) - {"taskId"}:
            self.account.violations.append(f"{call}: unknown parameters {sorted(request.query)}")
        if task is not None:
            task.polls += 1
            if time.monotonic() - task.created_at < float(task.faults.get("fresh_gap", 0)):
                task = None
        return await self.front.done(request, call, tell(task), words=words)

    def find(self, task_id: str) -> Task | None:
        """A task of this family."""
        task = self.account.tasks.get(task_id)
        return task if task is not None and task.family == self.name else None

    def parent(self, task_id: str) -> Task:
        """The finished task that another one goes on from. Raises ``Refusal``."""
        task = self.find(task_id)
        if task is None or task.state != "success":
            raise Refusal(422, NO_RECORD)
        return task

    async def start(self, task: Task) -> None:
        """Charge for a task and let it run."""
        await self._lifecycle.begin(task)


_NO_IMAGE = (
    "Failed to fetch the image. Kindly verify any access limits set by you or your service"
    " provider."
)


@cache
def forms() -> Mapping[str, MarketModel]:
    """What each call accepts."""
    raw = facts.read(FILE)
    return {
        call: MarketModel(id=call, kind="", inputs=(fields(form),)) for call, form in raw.items()
    }
