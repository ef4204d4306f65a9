"""What the process asks of memory and of certificates before it imports the program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.process.memory import code_of
from run import without_certificates

ROOT = Path(__file__).resolve().parents[3]


def told(program: str) -> str:
    """What ``program`` prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout.strip()


def test_the_garbage_collector_runs_seldom() -> None:
    program = (
        "import gc; from handlers.process import memory; memory.be_frugal();"
        " print(gc.get_threshold() == memory.GC_THRESHOLDS)"
    )

    assert told(program) == "True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc, and /proc")
def test_threads_share_few_arenas_of_the_c_library() -> None:
    """An arena beside the first one reserves 64 MB of addresses, most of which nobody may touch."""
    program = """
import re, threading
from pathlib import Path
from handlers.process import memory
memory.be_frugal()
met = threading.Barrier(13)
def work():
    kept = [bytes(2000 + size) for size in range(50)]
    met.wait(); met.wait()
for _ in range(12):
    threading.Thread(target=work).start()
met.wait()
parts = re.findall("^([0-9a-f]+)-([0-9a-f]+) ---p", Path("/proc/self/maps").read_text(), re.M)
met.wait()
print(sum(60 < (int(end, 16) - int(begin, 16)) / 2**20 < 65 for begin, end in parts))
"""

    assert int(told(program)) <= 2 - 1


#: Prints how many megabytes of files are mapped before and after, and works with libraries then.
UNMAPPED = """
import hashlib, json, re, sqlite3, ssl, zlib
from decimal import Decimal
from pathlib import Path
import aiohttp, psycopg2, yaml
from handlers.process.memory import unmap_code

def of_files():
    (kilobytes,) = re.findall("RssFile:[ \t]+([0-9]+) kB", Path("/proc/self/status").read_text())
    return int(kilobytes) / 1024

before = of_files()
unmap_code()
after = of_files()
unmap_code()
assert zlib.decompress(zlib.compress(b"x" * 1000)) == b"x" * 1000
assert hashlib.sha256(b"").hexdigest().startswith("e3b0c442")
assert json.loads('{"a": [1.5]}') == {"a": [1.5]} and Decimal(1) / 4 == Decimal("0.25")
assert yaml.load("a: [1]", Loader=yaml.CSafeLoader) == {"a": [1]}
assert ssl.create_default_context().get_ciphers() and aiohttp.ClientTimeout().total is None
assert psycopg2.extensions.parse_dsn("host=x") == {"host": "x"}
print(before, after)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc")
def test_code_that_the_start_ran_leaves_the_process_and_comes_back_when_it_runs() -> None:
    before, after = map(float, told(UNMAPPED).split())

    assert after < before / 2


@pytest.mark.parametrize(
    ("rights", "path", "anonymous", "swapped", "found"),
    [
        ("r-xp", "/usr/lib/libssl.so.3", 0, 0, [(0x7000, 0x3000)]),
        ("r-xp", "/usr/bin/python3", 0, 0, [(0x7000, 0x3000)]),
        ("r--p", "/usr/lib/libssl.so.3", 4, 0, []),
        ("r--p", "/usr/lib/libssl.so.3", 0, 4, []),
        ("rw-p", "/usr/lib/libssl.so.3", 0, 0, []),
        ("r--p", "/usr/share/zoneinfo/UTC", 0, 0, []),
    ],
)
def test_only_what_the_file_still_holds_leaves_the_process(
    rights: str, path: str, anonymous: int, swapped: int, found: list[tuple[int, int]]
) -> None:
    smaps = (
        f"7000-a000 {rights} 00000000 fe:00 260850                     {path}\n"
        "Size:                 12 kB\nRss:                  12 kB\n"
        f"Anonymous:          {anonymous:4} kB\nKSM:                   0 kB\n"
        f"Swap:               {swapped:4} kB\nSwapPss:               0 kB\n"
        "Locked:                0 kB\nVmFlags: rd ex mr mw me sd\n"
    )

    assert list(code_of(smaps, "/usr/bin/python3")) == found


def test_requests_works_without_what_guesses_encodings() -> None:
    program = (
        "import sys, warnings; warnings.simplefilter('error')"
        "\nfrom handlers.process.memory import be_frugal\nbe_frugal()"
        "\nimport requests\nprint(sys.modules['charset_normalizer'],"
        " requests.Request('GET', 'https://kie.example/ü').prepare().url)"
    )

    assert told(program) == "None https://kie.example/%C3%BC"


def test_what_each_term_asks_telegram_loads_no_ptb() -> None:
    program = """
import asyncio, sys
from handlers.bot_api import star_calls
from handlers.bot_api.calls import result_of
from handlers.bot_api.client import BotOnDemand
from supervisor.runtime.secret import Secret

class Endpoint:
    async def call(self, method, **details):
        return {"transactions": [details["data"].decode()], "amount": 7, "url": method}

async def ask():
    bot = BotOnDemand(Secret("1:x"), Endpoint())
    info = await result_of(bot.get_webhook_info(read_timeout=1.0))
    listed = await star_calls.transactions(bot, 5, 100)
    return info["url"], listed, await star_calls.balance(bot)

print(*asyncio.run(ask()), "telegram" in sys.modules)
"""

    assert told(program) == ("""getWebhookInfo ['{"offset": 5, "limit": 100}'] 7 False""")


def test_aiohttp_is_imported_without_reading_the_systems_certificates() -> None:
    program = (
        "import run\nwith run.without_certificates():\n    import aiohttp"
        "\nprint(len(aiohttp.TCPConnector.__init__.__globals__"
        "['_SSL_CONTEXT_VERIFIED'].get_ca_certs()))"
    )

    assert told(program) == "0"


def test_the_variables_of_certificates_are_as_before_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/own.pem")
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)

    with without_certificates():
        within = (os.environ["SSL_CERT_FILE"], os.environ["SSL_CERT_DIR"])

    assert within == (os.devnull, os.devnull)
    assert os.environ["SSL_CERT_FILE"] == "/etc/own.pem"
    assert "SSL_CERT_DIR" not in os.environ


#: Prints how many megabytes 16 threads, which stay, have needed for the nested JSON.
NESTED = """
import json, os, sys, threading, psutil
from handlers.process.memory import be_frugal

be_frugal()
me, texts, parsed = psutil.Process(), ("[" * 200_000, '{"a":' * 200_000), threading.Semaphore(0)

def parse():
    for text in texts:
        try:
            json.loads(text)
        except RecursionError:
            parsed.release()
    threading.Event().wait()

before = me.memory_info().rss
for _ in range(16):
    threading.Thread(target=parse, daemon=True).start()
for _ in range(32):
    parsed.acquire()
print((me.memory_info().rss - before) / 2**20, flush=True)
os._exit(0)
"""


def test_nested_json_fills_no_large_stack_in_any_thread() -> None:
    assert float(told(NESTED)) < 16 * 2
