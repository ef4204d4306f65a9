"""/metrics of the daemon behind a proxy without a sign: what it brings gives it away."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from handlers.process.daemon import Daemon
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import BotError
from supervisor.settings.reader import Settings
from tests.support.machine.ports import free_port

PUBLIC = "https://bot.example.com"


class Hook:
    """A route that lets in whoever knows the secret."""

    method, max_body = "POST", 1000

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def admit(self, head: Head) -> Reply | None:
        knows = head.headers.get("x-secret") or head.headers.get("X-Secret")
        return None if knows == "yes" else Reply(401)

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head, body
        return Reply(200)

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        del body
        done(None)


def daemon(port: int, folder: Path, base: str) -> Daemon:
    env = {
        "TELEGRAM_BOT_TOKEN": f"123456:{'A' * 35}",
        "KIE_API_KEY": "k" * 32,
        "DATABASE_URL": "postgresql://u:p@127.0.0.1/d",
        "WEBHOOK_BASE_URL": base,
        "PORT": str(port),
        "DATA_DIR": str(folder),
    }
    made = Daemon(Settings.from_env(env, version="1"), take_over=False, die=lambda _: None)
    made._webhook.become_short(Hook("/telegram/{id}"))
    made._job_callback.become(Hook("/callbacks/kie/{job}/{signature}"))
    made._task_callback.become(Hook("/callbacks/kie"))
    return made


#: Path, headers, how the body is sent, and whether who brings it is a proxy from then on.
BROUGHT = {
    "an update the short way": ("/telegram/x", {"X-Secret": "yes"}, False, True),
    "an update the ordinary way": ("/telegram/x", {"X-Secret": "yes"}, True, True),
    "a callback": ("/callbacks/kie/1/x", {"X-Secret": "yes"}, False, True),
    "an update without its secret": ("/telegram/x", {}, False, False),
    "a callback that anybody can send": ("/callbacks/kie", {"X-Secret": "yes"}, False, False),
}


@pytest.mark.parametrize("case", BROUGHT)
def test_who_brings_what_proves_a_secret_gets_no_metrics(tmp_path: Path, case: str) -> None:
    path, headers, in_chunks, passes_on = BROUGHT[case]
    port = free_port()

    async def chunks() -> object:
        yield b"{}"

    async def use() -> list[int]:
        served = daemon(port, tmp_path, PUBLIC)
        await served._listener.start()
        at, seen = f"http://127.0.0.1:{port}", []
        try:
            async with aiohttp.ClientSession() as http:
                async with http.get(f"{at}/metrics") as answer:
                    seen.append(answer.status)
                body = chunks() if in_chunks else b"{}"
                async with http.post(f"{at}{path}", data=body, headers=headers) as answer:
                    seen.append(answer.status)
                async with http.get(f"{at}/metrics") as answer:
                    seen.append(answer.status)
        finally:
            await served._listener.stop()
        return seen

    brought = 200 if headers else 401
    assert asyncio.run(use()) == [200, brought, 401 if passes_on else 200]
