"""What strangers send to the port: nothing breaks, nothing is given away, nothing piles up."""

import asyncio
import os
import re
import sys
from collections import Counter

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.world import KIE_KEY, TOKEN, World
from tests.support.network.hostile import Hostile

REQUESTS = 10_000 if os.environ.get("LONG") else 3_000
AT_ONCE = 40
ANSWER_WITHIN = 0.5  #: seconds until a request is taken for one that gets no answer
BEN = 1002
_STATUS = re.compile(rb"^HTTP/1\.[01] (\d{3}) ", re.M)
IDENTITY = Identity(Secret(TOKEN))
SECRET = f"X-Telegram-Bot-Api-Secret-Token: {IDENTITY.webhook_secret.reveal()}"


def test_hostile_requests_break_nothing_and_learn_nothing(world: World, dsn: Secret) -> None:
    bot = world.bot(LOG_LEVEL="INFO")
    bot.wait_line("WEBHOOK CONFIGURED")
    callback = IDENTITY.callback_url("http://x", 7).removeprefix("http://x")
    hostile = Hostile(
        "hostile 1",
        [
            *(("/health", ""), ("/ready", ""), ("/metrics", ""), ("/", ""), ("/callbacks/kie", "")),
            (f"/telegram/{IDENTITY.webhook_id}", ""),
            (f"/telegram/{IDENTITY.webhook_id}", SECRET),
            (f"/telegram/{IDENTITY.webhook_id}", "X-Telegram-Bot-Api-Secret-Token: wrong"),
            (callback, ""),
            (callback[:-1] + "0", ""),
        ],
    )
    asyncio.run(_send(bot.port, hostile, 200))
    before = bot.resident_megabytes()

    answers = asyncio.run(_send(bot.port, hostile, REQUESTS))

    statuses = Counter(int(code) for answer in answers for code in _STATUS.findall(answer))
    sys.stdout.write(f"{len(answers)} hostile requests: {dict(statuses)}\n")  # shown with -s
    assert {status for status in statuses if status >= 500} == set(), statuses
    assert statuses[200] > 100 and statuses[400] > 100 and statuses[401] > 50, statuses
    everything = b"\n".join(answers)
    for words in (b"aiohttp", b"Python", b"Traceback", b'File "', b"\nServer:", b"psycopg"):
        assert words not in everything, _around(everything, words)
    secrets = [TOKEN, KIE_KEY, IDENTITY.webhook_secret.reveal(), IDENTITY.webhook_id, dsn.reveal()]
    for secret in secrets:
        assert secret.encode() not in everything
        assert secret not in bot.text()
    assert "Traceback" not in bot.text(), bot.text()[-4000:]
    assert bot.resident_megabytes() - before < 40
    assert bot.health()["status"] == "ok"
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))


async def _send(port: int, hostile: Hostile, count: int) -> list[bytes]:
    """All of them, ``AT_ONCE`` connections at a time; what came back on each."""
    answers: list[bytes] = []
    left = iter([hostile.request() for _ in range(count)])

    async def one_after_the_other() -> None:
        for request in left:
            answers.append(await _exchange(port, request))

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return answers


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    try:
        writer.write(request)
        async with asyncio.timeout(ANSWER_WITHIN):
            while chunk := await reader.read(65536):
                answer += chunk
                if b"\r\n\r\n" in answer:
                    # The rest of a pipeline follows at once, if it follows at all.
                    async with asyncio.timeout(0.02):
                        answer += await reader.read(65536)
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return answer


def _around(text: bytes, words: bytes) -> bytes:
    at = text.index(words)
    return text[max(0, at - 300) : at + 100]
