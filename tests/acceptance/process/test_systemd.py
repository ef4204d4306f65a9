"""The units and install.sh on a real systemd: install, upgrade under load, watchdog, exit 64."""

import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.client import content
from supervisor.runtime.secret import Secret
from tests.support.bots.world import KIE_KEY, ROOT, TOKEN, World
from tests.support.machine.systemd import Host, provide_python, shown_to_the_host
from tests.support.machine.waiting import until
from tests.support.postgres.looks import Looks

OPERATOR, BEN = 1001, 1002
INSTALL = "/srv/checkout/systemd/install.sh"


@pytest.fixture
def host(world: World, dsn: Secret, tmp_path: Path) -> Iterator[Host]:
    """A host on which everything is ready for ``install.sh install``."""
    address = urlsplit(dsn.reveal())
    sockets = parse_qs(address.query)["host"][0]
    made = Host(tmp_path, shown_to_the_host(Path(sockets)))
    try:
        inside = dsn.reveal().replace(address.query, "host=/srv/postgresql")
        environment = world.env(LOG_LEVEL="INFO", DATA_DIR="", ADMIN_ID=str(OPERATOR))
        secrets = {"TELEGRAM_BOT_TOKEN": TOKEN, "KIE_API_KEY": KIE_KEY, "DATABASE_URL": inside}
        for name, value in secrets.items():
            made.write(f"/etc/trt/{name}", value)
            del environment[name]
        lines = "".join(f"{name}={value}\n" for name, value in environment.items())
        made.write("/etc/trt/trt.env", lines)
        made.python = provide_python(made)
        yield made
        sys.stdout.write(made.journal("trt*"))  # shown if the test has failed
    finally:
        made.close()


def install(host: Host, word: str = "install") -> str:
    return host.run("env", f"PYTHON={host.python}", INSTALL, word)


def answers(world: World, user: int) -> list[str]:
    return [content(message) for message in world.telegram.messages(user, of_bot=True)]


class Load:
    """Users who each write once, twenty a second, until ``stop``."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.users: list[int] = []

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            user = self._world.telegram.new_user()
            self._world.telegram.say(user, f"word of {user}")
            self.users.append(user)


def test_a_bot_is_installed_upgraded_under_load_without_loss_and_rolled_back(
    host: Host, world: World
) -> None:
    install(host)
    status = host.show("trt", "StatusText")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda _: True)
    # What draws lives under the limits of the unit.
    world.telegram.say(OPERATOR, "/money")
    world.telegram.wait_photo(OPERATOR, 60)

    with Load(world) as load:
        until(lambda: len(load.users) > 10, 20, "some load")
        upgraded = install(host, "upgrade")
        more = len(load.users) + 10
        until(lambda: len(load.users) > more, 20, "some more load")
    until(lambda: all(answers(world, user) for user in load.users), 30, "an answer to everyone")
    host.run("sed", "-i", "1i raise SystemExit(1)", "/srv/checkout/supervisor/health/health.py")
    broken = host.run("env", f"PYTHON={host.python}", INSTALL, "upgrade", check=False)
    after_broken = host.run("readlink", "/opt/trt/current")
    back = install(host, "rollback")
    before = answers(world, BEN)
    world.telegram.say(BEN, "/help")
    until(lambda: answers(world, BEN) != before, 20, "an answer of the release before")
    host.run("systemctl", "stop", "trt")

    assert status == "ACTIVE, epoch 1"
    assert upgraded.splitlines()[-1].startswith("installed: /opt/trt/releases/")
    assert back.splitlines()[-1].startswith("back to: /opt/trt/releases/")
    assert "installed:" not in broken
    assert upgraded.endswith(after_broken)
    assert {len(answers(world, user)) for user in load.users} == {1}
    assert host.show("trt", "Result") == "success"
    assert host.journal("trt").count("[SHUTDOWN] ✅ Lock released, exit") == 4
    assert len(world.telegram.calls("setWebhook")) == 1
    for secret in (TOKEN, KIE_KEY):
        assert secret not in host.run("systemctl", "show", "trt") + host.journal("trt")
    assert "trt.service" not in install(host, "uninstall").splitlines()[0]
    assert host.show("trt", "LoadState") == "not-found"


def test_commands_run_on_the_host_as_the_documentation_says(host: Host) -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^systemd-run .*?[^\\]$", text, re.M | re.S)
    install(host)

    shown = host.run("sh", "-c", command)

    assert "ACTIVE" in shown


def test_several_bots_run_side_by_side_each_with_its_own_settings(host: Host, world: World) -> None:
    for name, port in (("one", world.public_port), ("two", world.spare_port)):
        host.run("cp", "-r", "/etc/trt", f"/root/{name}")
        host.run("sh", "-c", f"echo PORT={port} >> /root/{name}/trt.env")
    host.run("rm", "-r", "/etc/trt")
    host.run("mkdir", "/etc/trt")
    host.run("mv", "/root/one", "/root/two", "/etc/trt/")

    install(host)
    host.run("systemctl", "enable", "--now", "trt@one")
    until(lambda: host.show("trt@one", "StatusText") == "ACTIVE, epoch 1", 20, "the first")
    # The same token twice: the second one has to wait for the first.
    host.run("systemctl", "enable", "--now", "trt@two")
    until(lambda: host.show("trt@two", "StatusText") == "PASSIVE", 20, "the second")
    restarted = install(host, "upgrade")

    assert "restarting trt@one.service\nrestarting trt@two.service" in restarted
    assert host.run("ls", "/var/lib/private").split() == ["trt-one", "trt-two"]
    assert host.show("trt", "ActiveState") == "inactive"


#: The daemon with a handler that hangs once, and with less patience: 60 s are too long here.
_HANGING = """
import pathlib, sys, threading
import supervisor.runtime.progress as progress

progress.SILENCE, progress.ROUND = 6.0, 1.5  # before anybody takes a copy

import handlers.direct.direct_handling, handlers.dispatch.unit_of_work, run

UnitOfWork = handlers.dispatch.unit_of_work.UnitOfWork
real, once = UnitOfWork.decide, pathlib.Path(sys.argv[1])

def decide(self, tx, row, incoming, found, account):
    if "hang" in row.body and not once.exists():
        once.touch()
        threading.Event().wait()
    return real(self, tx, row, incoming, found, account)

UnitOfWork.decide = decide
if sys.argv[2] == "dispatcher":  # it handles all, also what could be handled directly
    handlers.direct.direct_handling.DirectHandling.takes = lambda *_: False
sys.exit(run.main(["serve"]))
"""


@pytest.mark.parametrize("hangs", ["dispatcher", "direct"])
def test_systemd_ends_a_bot_whose_handler_hangs_and_the_update_is_handled_by_the_next(
    host: Host, world: World, dsn: Secret, hangs: str
) -> None:
    host.write("/srv/hanging.py", _HANGING, 0o644)
    host.write(
        "/etc/systemd/system/trt.service.d/test.conf",
        "[Service]\nWatchdogSec=3\nRestartSec=100ms\nEnvironment=PYTHONPATH=/opt/site-packages\n"
        "ExecStart=\nExecStart=/opt/trt/current/.venv/bin/python -P -c 'import sys;"
        ' sys.path.insert(0, "/opt/trt/current"); sys.argv = ["x", "/var/lib/trt/hung",'
        f' "{hangs}"];'
        ' exec(open("/srv/hanging.py").read())\'\n',
        0o644,
    )
    install(host)
    noted = "SELECT 1 FROM updates_begun WHERE worker = 'direct'"
    looks = Looks(dsn)
    until(lambda: looks.rows(noted), 30, "updates can be handled directly")
    looks.close()
    world.telegram.say(BEN, "do hang, please")
    until(lambda: host.show("trt", "NRestarts") != "0", 30, "a restart by the watchdog")
    until(lambda: answers(world, BEN), 30, "the answer of the restarted bot")

    assert "Watchdog timeout" in host.journal("trt")
    assert re.findall("watchdog_not_fed reason=([a-z]+)", host.journal("trt")) == [hangs]
    assert host.show("trt", "NRestarts") == "1"
    assert len(answers(world, BEN)) == 1


def test_systemd_does_not_restart_a_bot_with_wrong_settings(host: Host) -> None:
    host.write("/etc/trt/trt.env", "BOT_MODE=sideways\n")
    install_failed = host.run("env", f"PYTHON={host.python}", INSTALL, "install", check=False)
    until(lambda: host.show("trt", "ActiveState") == "failed", 20, "a failed unit")

    assert "installed:" not in install_failed
    assert host.show("trt", "ExecMainStatus") == "64"
    assert host.show("trt", "NRestarts") == "0"
    assert "BOT_MODE: " in host.journal("trt")
