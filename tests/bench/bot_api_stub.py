"""A Bot API that accepts every call at once and notes when each chat got its message.

The simulator of ``sandbox/`` checks every call as Telegram does, which takes longer than the
servers that are measured need for it.
"""

import asyncio
import gc
import json
import multiprocessing
import re
import time
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import parse_qs

ME = {"id": 123456, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_CHAT = re.compile(rb'chat_id"?(?:=|\s*:\s*|\r\n\r\n)"?(-?\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class _Stub:
    def __init__(self) -> None:
        self.webhook: dict[str, Any] = {"url": "", "pending_update_count": 0}
        self.sent: dict[int, float] = {}  #: chat → when its first message came
        self.calls = 0

    def answer(self, method: str, body: bytes) -> Any:
        self.calls += 1
        match method:
            case "sendMessage":
                return self._message(body)
            case "getMe":
                return ME
            case "getWebhookInfo":
                return self.webhook
            case "setWebhook":
                self.webhook |= _wanted(body)
                return True
            case _:
                return True

    def _message(self, body: bytes) -> Any:
        found = _CHAT.search(body)
        chat = int(found[1]) if found else 0
        self.sent.setdefault(chat, time.monotonic())
        talk = {"id": chat, "type": "private", "first_name": "Anna"}
        number = self.calls
        return {"message_id": number, "date": 1_790_000_000, "chat": talk, "text": "x"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _LENGTH.search(head)
                body = await reader.readexactly(int(length[1])) if length else b""
                if not length and b"chunked" in head.lower():
                    body = await _chunks(reader)
                method = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
                said = json.dumps({"ok": True, "result": self.answer(method, body)}).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(said), said)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readline()).strip(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body


def _wanted(body: bytes) -> dict[str, Any]:
    if body.startswith(b"{"):
        given = json.loads(body)
        return {"url": given["url"], "allowed_updates": given.get("allowed_updates", [])}
    if body.startswith(b"--"):
        return {"url": body.partition(b'"url"')[2].split(b"\r\n")[2].decode()}
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    allowed = json.loads(fields.get("allowed_updates", "[]"))
    return {"url": fields["url"], "allowed_updates": allowed}


def _run(pipe: Connection) -> None:
    gc.disable()  # a collection would be counted as the time of a server

    async def main() -> None:
        stub = _Stub()
        server = await asyncio.start_server(stub.serve, "127.0.0.1", 0, limit=2**20)
        pipe.send(server.sockets[0].getsockname()[1])
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send((stub.calls, stub.sent))
            stub.sent = {}

    asyncio.run(main())


class BotApiStub:
    """Runs in a process of its own, so that it takes no time from the load."""

    def __init__(self) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_run, args=(theirs,), daemon=True)
        self._process.start()
        self.url = f"http://127.0.0.1:{self._pipe.recv()}"

    def sent(self) -> dict[int, float]:
        """Chat → monotonic time of its first message; forgotten after that."""
        self._pipe.send(None)
        _, sent = self._pipe.recv()
        return dict(sent)

    def close(self) -> None:
        self._process.terminate()
        self._process.join()
