"""``run.py demo``: the whole system on this machine, with no account and no cost.

An embedded PostgreSQL and two children: the simulators with the chat page, and the bot.
Whatever ends this process ends them, in order.
"""

import json
import secrets
import signal
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.runtime.errors import Exit

Child = subprocess.Popen[bytes]

_SETTINGS = {
    "BOT_MODE": "webhook",
    "SUPPORT_TEXT": "This is a demo: nobody is there.",
    "ADMIN_ID": "1002",  # Ben of the chat page: with /grant he pays for what costs credits
}
_SERVERS = {"TELEGRAM_API_URL": "telegram", "KIE_API_URL": "kie", "KIE_UPLOAD_URL": "kie"}


def demo(root: Path, base: Mapping[str, str], *, port: int, browser: bool) -> int:
    """Run until Ctrl-C; the exit code. ``root`` holds run.py, ``base`` is our environment."""
    data_dir = Path(".data") / "demo"
    # A bot of its own each time: the simulators forget everything, the database does not.
    token = f"{secrets.randbelow(9 * 10**8) + 10**8}:{secrets.token_urlsafe(26)}"
    bot_port = _free_port()
    sys.stdout.write("Starting PostgreSQL, the simulators and the bot …\n")
    server = EmbeddedPostgres.start(data_dir)
    children: list[Child] = []
    try:
        health = f"http://127.0.0.1:{bot_port}/health"
        kie_key = secrets.token_urlsafe(24)
        simulators = _child(
            root,
            {**base, "SANDBOX_TOKEN": token, "SANDBOX_KIE_KEY": kie_key},
            *("-m", "sandbox"),
            *("--telegram-port", str(port), "--kie-port", "0", "--health-url", health),
            stdout=subprocess.PIPE,
        )
        children.append(simulators)
        assert simulators.stdout is not None
        first_line = simulators.stdout.readline()
        if not first_line:
            logger.critical(f"port {port} is taken; try: run.py demo --port 8090")
            return Exit.USAGE
        urls = json.loads(first_line)
        environment = {
            **base,
            "TELEGRAM_BOT_TOKEN": token,
            "KIE_API_KEY": kie_key,
            "DATABASE_URL": server.dsn.reveal(),
            "WEBHOOK_BASE_URL": f"http://127.0.0.1:{bot_port}",
            "PORT": str(bot_port),
            "DATA_DIR": str(data_dir),
            **_SETTINGS,
            **{name: urls[simulator] for name, simulator in _SERVERS.items()},
        }
        children.append(_child(root, environment, "run.py", "serve"))
        sys.stdout.write(
            f"\n  Open {urls['telegram']}/ and write /start. Ctrl-C ends everything.\n\n"
        )
        sys.stdout.flush()
        if browser:
            webbrowser.open(urls["telegram"])
        return _wait_for_end(children)
    finally:
        for child in reversed(children):
            _end(child)
        server.close()


def _child(root: Path, environment: Mapping[str, str], *words: str, **options: int) -> Child:
    """A child in a session of its own: Ctrl-C reaches only us, and we end it in order."""
    child: Child = subprocess.Popen(  # noqa: S603 our own program
        [sys.executable, *words],
        cwd=root,
        env=dict(environment),
        start_new_session=True,
        **options,  # type: ignore[call-overload]  # stdout or nothing
    )
    return child


def _wait_for_end(children: Sequence[Child]) -> int:
    """Until Ctrl-C, SIGTERM, or the end of a child, which is a failure."""
    asked = Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    signal.signal(signal.SIGINT, lambda *_: asked.set())
    while not asked.wait(0.3):
        for child in children:
            if child.poll() is not None:
                logger.critical(f"a part of the demo ended with code {child.returncode}; see above")
                return Exit.FAILED
    return Exit.OK


def _end(child: Child) -> None:
    child.terminate()
    try:
        child.wait(20)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
