"""Requests that no honest client sends, drawn by a seeded generator, as bytes for a socket."""

import gzip
import json
import random
import zlib
from collections.abc import Callable, Sequence

_METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"]
_ODD_METHODS = ["get", "PRI", "PROPFIND", "M-SEARCH", "G\x00T", "", " ", "POST/", "X" * 9000]
_VERSIONS = (
    ["HTTP/1.1"] * 12 + ["HTTP/1.0"] * 3 + ["HTTP/0.9", "HTTP/2.0", "HTTP/1.1.1", "", "RTSP"]
)
_ODD_PATHS = [
    *("", "*", "//", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/%00", "/%zz", "/health/"),
    *("/metrics?x=" + "y" * 3000, "/health#x", "http://x/health", "/sandbox/state", "/.env"),
    *("/" + "a" * 9000, "/telegram", "/telegram/", "/callbacks/kie/1", "/callbacks/kie/-1/x"),
    *("/callbacks/kie/9999999999999999999/x", "/callbacks/kie/1/2/3", "/health\r\nX: y"),
    *("/telegram/" + "0" * 32, "/telegram/%00%ff", "/\u2028", "/callbacks/kie/١/x", "/a b"),
]
_BODIES: Sequence[bytes] = [
    *(b"", b"{}", b"[]", b"null", b"1e999", b'{"update_id":', b"\xff\xfe\x00\x01", b"\x00" * 64),
    *(b"[" * 60_000, b'{"a":' * 5000, b'{"taskId":"x\\u0000y"}', b'{"data":{"taskId":[]}}'),
    *(b'{"update_id":-1}', b'{"update_id":1e30}', b'{"update_id":true,"message":{}}'),
    *(b'{"update_id":%d}' % 2**70, b'{"data":{"task_id":"' + b"t" * 9000 + b'"}}'),
    *(b'{"data":{"taskId":"\\ud800"}}', b'{"code":"x","data":5}', b"9" * 5000, b'"\xc3\x28"'),
]
_HEADERS = [
    "Host: x",
    "Host: ",
    "Host: a\r\nHost: b",
    "Connection: close",
    "Connection: keep-alive",
    "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
    "Expect: 100-continue",
    "Expect: the unexpected",
    "Content-Type: application/json",
    "Content-Type: multipart/form-data; boundary=",
    "Content-Type: text/html; charset=\x80\x81",
    "Accept-Encoding: gzip, br, zstd;q=\xff",
    "Cookie: " + "a=b; " * 800,
    "X-Forwarded-For: 127.0.0.1",
    "X-Big: " + "b" * 20_000,
    "Range: bytes=0-18446744073709551615",
    "If-None-Match: *",
    ": no name",
    "No colon",
    "Folded: a\r\n b",
    "Bad\x00Name: x",
    "Bad Name : x",
    "X: \x00",
    "X: \xff\xfe",
    "X-Telegram-Bot-Api-Secret-Token: \xff",
    "X-Telegram-Bot-Api-Secret-Token: " + "s" * 300,
    "\r\n".join(f"H{number}: x" for number in range(300)),
]


class Hostile:
    """``request()`` makes the next one. ``good_paths`` are real routes with their headers."""

    def __init__(self, seed: str, good_paths: Sequence[tuple[str, str]]) -> None:
        self._random = random.Random(seed)
        self._good_paths = good_paths

    def request(self) -> bytes:
        """One connection's worth of bytes: mostly one request, at times several or half."""
        chosen = self._random
        made = b"".join(self._one() for _ in range(chosen.choice([1] * 8 + [2, 5])))
        if chosen.random() < 0.06:
            made = made[: chosen.randrange(1, len(made))]  # and then silence
        if chosen.random() < 0.05:
            where = chosen.randrange(len(made))
            made = made[:where] + chosen.randbytes(chosen.randrange(1, 40)) + made[where:]
        if chosen.random() < 0.02:
            made = chosen.randbytes(chosen.randrange(1, 3000))
        return made

    def _one(self) -> bytes:
        chosen = self._random
        path, header = chosen.choice(self._good_paths)
        if chosen.random() < 0.25:
            path = chosen.choice(_ODD_PATHS)
        elif chosen.random() < 0.1:
            path += chosen.choice(["?", "?a=%ff", "/", "%20", "\xe9", ";x", "\\", "?" + "q" * 8000])
        method = chosen.choice(_METHODS if chosen.random() < 0.92 else _ODD_METHODS)
        if chosen.random() < 0.75:
            method = "POST" if path.startswith(("/telegram", "/callbacks")) else "GET"
        headers = chosen.sample(_HEADERS, chosen.choice([0, 0, 0, 0, 1, 2]))
        if chosen.random() < 0.95 and not any(each.startswith("Host") for each in headers):
            headers.insert(0, "Host: x")
        if header:
            headers.append(header)
        framing = chosen.choice(_FRAMINGS if chosen.random() < 0.5 else (_honest, _chunked))
        extra, body = framing(chosen, chosen.choice(_BODIES))
        version = "HTTP/1.1" if chosen.random() < 0.9 else chosen.choice(_VERSIONS)
        start = f"{method} {path} {version}\r\n"
        head = start + "".join(f"{each}\r\n" for each in [*headers, *extra]) + "\r\n"
        return head.encode("latin-1", "replace") + body


# ------------------------------------------------------------------ framings --

Framing = Callable[[random.Random, bytes], tuple[list[str], bytes]]


def _honest(_: random.Random, body: bytes) -> tuple[list[str], bytes]:
    return [f"Content-Length: {len(body)}"], body


def _none(_: random.Random, body: bytes) -> tuple[list[str], bytes]:
    return [], body if len(body) < 100 else b""


def _lying(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    lies = [
        "-1",
        "0",
        "1",
        "0x10",
        "1e3",
        "",
        "+5",
        "99999999999999999999",
        "5, 5",
        "1048577",
        "90000000",
    ]
    return [f"Content-Length: {chosen.choice(lies)}"], body


def _twice(_: random.Random, body: bytes) -> tuple[list[str], bytes]:
    return [f"Content-Length: {len(body)}", f"Content-Length: {len(body) + 1}"], body


def _chunked(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    size = chosen.choice([1, 7, 1000, 70_000]) if len(body) < 2000 else 70_000
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    return ["Transfer-Encoding: chunked"], chunks


def _badly_chunked(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    sizes = [b"zz", b"-1", b"", b"ffffffffffffffff", b"5;" + b"x" * 9000, b"3", b"1\n"]
    return ["Transfer-Encoding: chunked"], chosen.choice(sizes) + b"\r\n" + body + b"\r\n0\r\n\r\n"


def _both(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    extra, chunks = _chunked(chosen, body)
    return [*extra, f"Content-Length: {len(body)}"], chunks


def _odd_transfer(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    odd = ["gzip", "chunked, gzip", "identity", "chunked\x0b", "Chunked ", "xchunked"]
    return [f"Transfer-Encoding: {chosen.choice(odd)}"], body


def _compressed(chosen: random.Random, body: bytes) -> tuple[list[str], bytes]:
    name, packed = chosen.choice(
        [
            ("gzip", gzip.compress(body)),
            ("gzip", body),  # it is not
            ("deflate", zlib.compress(body)),
            ("gzip", _BOMB),
            ("br", body),
            ("zstd", body),
            ("gzip, gzip", body),
        ]
    )
    return [f"Content-Encoding: {name}", f"Content-Length: {len(packed)}"], packed


#: 64 MiB of spaces, and then an object.
_BOMB = gzip.compress(b" " * 2**26 + json.dumps({"update_id": 1}).encode())

_FRAMINGS: Sequence[Framing] = (
    *(_honest, _none, _none, _lying, _twice, _chunked, _badly_chunked),
    *(_both, _odd_transfer, _compressed),
)
