"""The simulated kie.ai in the test's own loop, with a well-mannered client and a callback."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.kie import KieSandbox

KEY = "sandbox-key"
INPUT = {"prompt": "a cat", "aspect_ratio": "1:1"}
#: Callbacks as they arrived: headers and body.
Got = list[tuple[dict[str, str], dict[str, Any]]]


class Client:
    """Speaks to the simulator as a well-mannered client does."""

    def __init__(self, session: aiohttp.ClientSession, kie: KieSandbox, hook: str) -> None:
        self._session = session
        self.kie = kie
        self.hook = hook
        self.headers = {"Authorization": f"Bearer {KEY}", "User-Agent": "tests/1"}

    async def create(self, **changes: Any) -> dict[str, Any]:
        body = {"model": "z-image", "input": INPUT, "callBackUrl": self.hook, **changes}
        url = f"{self.kie.account.url}/api/v1/jobs/createTask"
        async with self._session.post(url, json=body, headers=self.headers) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def task(self, **changes: Any) -> str:
        return str((await self.create(**changes))["data"]["taskId"])

    async def record(self, task_id: str) -> dict[str, Any]:
        url = f"{self.kie.account.url}/api/v1/jobs/recordInfo?taskId={task_id}"
        async with self._session.get(url, headers=self.headers) as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def post(self, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
        """Any other call: status and body."""
        url = f"{self.kie.account.url}{path}"
        async with self._session.post(url, headers=self.headers, **options) as answer:
            return answer.status, await answer.json()

    async def balance(self) -> Any:
        url = f"{self.kie.account.url}/api/v1/chat/credit"
        async with self._session.get(url, headers=self.headers) as answer:
            return (await answer.json())["data"]

    async def fetch(self, url: str) -> bytes:
        async with self._session.get(url) as answer:
            assert answer.status == 200, url
            return await answer.read()

    async def status_of(self, url: str) -> int:
        async with self._session.get(url) as answer:
            return answer.status


def serve(use: Callable[[Client, Got], Awaitable[None]], **options: Any) -> None:
    got: Got = []

    async def receive(request: web.Request) -> web.Response:
        got.append((dict(request.headers), await request.json()))
        return web.Response()

    async def run() -> None:
        kie = KieSandbox(KEY, time_scale=0.01, **options)
        await kie.start()
        application = web.Application()
        application.router.add_post("/hook", receive)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        try:
            async with aiohttp.ClientSession() as session:
                await use(Client(session, kie, hook), got)
        finally:
            await kie.stop()
            await runner.cleanup()

    asyncio.run(run())


def example(field: Mapping[str, Any]) -> Any:
    """A value that fits a field of ``market.yaml``, and says nothing."""
    kind = field["type"]
    if field.get("enum"):
        return field["enum"][0]
    if kind == "boolean":
        return False
    if kind in {"integer", "number"}:
        return field.get("min", 1)
    if kind == "array" and "items" not in field:
        return [1]
    if kind == "array":
        inner = {"type": field["items"], "media": field.get("media")}
        item = (
            {name: example(each) for name, each in field["item_fields"].items()}
            if "item_fields" in field
            else example(inner)
        )
        return [item] * max(1, field.get("min_items", 1))
    if kind == "object":
        return {}
    if field.get("media"):
        return f"https://example.org/{field['media']}"
    if "min" in field:  # a number that is written as text
        return str(field["min"])
    return "x" * max(3, field.get("min_length", 0))
