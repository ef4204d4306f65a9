"""``run.py demo``: the whole system on this machine, with no account and no cost.

It runs an embedded PostgreSQL and one child process, the stage: the simulators with the chat page,
and two copies of the bot as its children. The end of this process ends them in order. If this
process is killed, the stage sees the end of its input and ends itself.
"""

import json
import secrets
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.runtime.errors import Exit

_SETTINGS = {
    "BOT_MODE": "webhook",
    "SUPPORT_TEXT": "This is a demo: nobody is there. · Это демонстрация: здесь никого нет.",
    "ADMIN_ID": "1002",  # Ben of the chat page: with /grant he pays for what costs credits
    "PAYMENT_BANK": "Demo Bank",
    "PAYMENT_CARD": "0000 0000 0000 0000",
    "PAYMENT_CARD_HOLDER": "DEMO ONLY",
}


def demo(root: Path, base: Mapping[str, str], *, port: int, browser: bool) -> int:
    """Run until Ctrl-C; the exit code. ``root`` holds run.py, ``base`` is our environment."""
    data_dir = Path(".data") / "demo"
    # A bot of its own each time: the simulators begin with nothing, and so does the database.
    token = f"{secrets.randbelow(9 * 10**8) + 10**8}:{secrets.token_urlsafe(26)}"
    sys.stdout.write("Starting PostgreSQL, the simulators and two copies of the bot …\n")
    server = EmbeddedPostgres.start(data_dir)
    try:
        stage = {
            "token": token,
            "kie_key": secrets.token_urlsafe(24),
            "port": port,
            "dsn": server.dsn.reveal(),
            "data_dir": str(data_dir.resolve()),
            "settings": _SETTINGS,
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "sandbox.stage"],
            cwd=root,
            env={**base, "STAGE": json.dumps(stage)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches only us, and we end it in order
        )
        return _follow(child, server, port, browser=browser)
    finally:
        server.close()


def _follow(
    child: "subprocess.Popen[str]", server: EmbeddedPostgres, port: int, *, browser: bool
) -> int:
    """Until Ctrl-C, SIGTERM, a closed terminal, or the end of the stage, which is a failure."""
    asked = []

    def stop(*_: object) -> None:
        asked.append(True)
        child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)  # the terminal was closed
    assert child.stdin is not None
    assert child.stdout is not None
    shown = False
    for line in child.stdout:
        said = json.loads(line)
        if "page" in said:
            shown = True
            _show(said["page"], browser=browser)
        elif said.get("ask") == "restart":
            _restart(server, child.stdin)
    code = child.wait()
    if asked:
        return Exit.OK
    if not shown:
        sys.stderr.write(f"port {port} is taken; try: run.py demo --port 8090\n")
        return Exit.USAGE
    sys.stderr.write(f"the stage ended with code {code}; see above\n")
    return Exit.FAILED


def _show(page: str, *, browser: bool) -> None:
    sys.stdout.write(f"\n  Open {page}/ and write /start. Ctrl-C ends everything.\n\n")
    sys.stdout.flush()
    if browser:
        webbrowser.open(page)


def _restart(server: EmbeddedPostgres, answers: IO[str]) -> None:
    server.restart()
    answers.write("done\n")
    answers.flush()
