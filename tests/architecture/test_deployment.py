"""The files that deploy: accepted by the programs that will read them, and true to the code."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from supervisor.lock.timing import Timing
from supervisor.runtime.errors import Exit
from supervisor.settings.reader import variables
from tests.support.edges.outside_facts import render_blueprint

ROOT = Path(__file__).resolve().parents[2]
SYSTEMD = ROOT / "systemd"
INSTALL_SCRIPT = (SYSTEMD / "install.sh").read_text(encoding="utf-8")
UNITS = ("trt.service", "trt@.service")
SETTINGS = {spec.metadata["env"] for spec in variables()}


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which(str(words[0])) or _beside_python(str(words[0]))
    if program is None:
        pytest.skip(f"{words[0]} is not installed here")
    return subprocess.run(
        [program, *words[1:]], capture_output=True, text=True, check=False, timeout=60
    )


def _beside_python(name: str) -> str | None:
    return shutil.which(name, path=str(Path(sys.executable).parent))


def unit(name: str) -> dict[str, list[str]]:
    """The directives of a unit; each may stand there several times."""
    found: dict[str, list[str]] = {}
    for line in (SYSTEMD / name).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


# ------------------------------------------------------------------- systemd --


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_no_fault_in_the_unit(name: str, tmp_path: Path) -> None:
    # The program's path exists only where TRT is installed: ours stands in for it.
    text = (SYSTEMD / name).read_text(encoding="utf-8")
    text = text.replace("/opt/trt/current/.venv/bin/python", sys.executable)
    text = text.replace("WorkingDirectory=/opt/trt/current", f"WorkingDirectory={ROOT}")
    copy = tmp_path / name.replace("@.", "@shop.")
    copy.write_text(text.replace("/opt/trt/current", str(ROOT)), encoding="utf-8")

    verdict = run("systemd-analyze", "verify", copy)

    assert (verdict.returncode, verdict.stdout + verdict.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_is_locked_up_tightly(name: str) -> None:
    verdict = run("systemd-analyze", "security", "--offline=yes", "--no-pager", SYSTEMD / name)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", verdict.stdout)

    assert exposure is not None, verdict.stderr
    assert float(exposure[1]) <= 1.5


@pytest.mark.parametrize("name", UNITS)
def test_the_unit_repeats_what_the_code_promises(name: str) -> None:
    directives = unit(name)
    credentials = {value.partition(":")[0] for value in directives["LoadCredential"]}

    assert directives["Type"] == ["notify"]
    assert directives["RestartPreventExitStatus"] == [str(int(Exit.USAGE))]
    assert credentials == {"TELEGRAM_BOT_TOKEN", "KIE_API_KEY", "DATABASE_URL"} & SETTINGS
    assert int(directives["TimeoutStopSec"][0]) >= 20 + Timing().drain
    assert directives["ExecStart"][0].endswith("/python run.py serve")


def test_the_script_for_systemd_is_clean_shell() -> None:
    verdict = run("shellcheck", SYSTEMD / "install.sh")

    assert verdict.stdout == ""


def test_the_script_for_systemd_explains_itself() -> None:
    verdict = run("bash", SYSTEMD / "install.sh", "nonsense")

    assert verdict.returncode == Exit.USAGE
    assert {"install", "upgrade", "rollback", "uninstall"} <= set(verdict.stdout.split())


def test_what_the_script_installs_holds_no_secret_of_the_checkout(tmp_path: Path) -> None:
    """Everybody on the host may read a release; the address of a remote may hold a token."""
    source, release = tmp_path / "source", tmp_path / "release"
    of_git = ("HEAD", "refs/heads/main", "packed-refs")
    told = ("config", "FETCH_HEAD", "logs/HEAD", "objects/pack/1.pack", "modules/x/config")
    for name in ("run.py", "sql/jobs.sql", ".env", ".venv/bin/python", ".data/x"):
        write(source / name)
    for name in (*of_git, *told):
        write(source / ".git" / name)
    release.mkdir()
    (copy,) = re.findall(r'^ *(tar -C "\$source"(?:.*[\\|]\n)*.*)$', INSTALL_SCRIPT, re.M)

    done = run("bash", "-euo", "pipefail", "-c", f"source={source} release={release}; {copy}")

    assert done.returncode == 0, done.stderr
    copied = {str(file.relative_to(release)) for file in release.rglob("*") if file.is_file()}
    assert copied == {"run.py", "sql/jobs.sql", *(f".git/{name}" for name in of_git)}


def write(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("x", encoding="utf-8")


# ------------------------------------------------------------- reverse proxy --


def test_caddy_accepts_the_example() -> None:
    config = SYSTEMD / "Caddyfile"
    verdict = run("caddy", "validate", "--adapter", "caddyfile", "--config", config)

    assert verdict.returncode == 0, verdict.stderr


def test_nginx_accepts_the_example(tmp_path: Path) -> None:
    example = (SYSTEMD / "nginx.conf").read_text(encoding="utf-8")
    # A certificate cannot be assumed here: everything but TLS is checked.
    example = re.sub(r"\n\s+ssl_certificate.*;", "", example).replace("443 ssl", "443")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{example}\n}}\n",
        encoding="utf-8",
    )

    verdict = run("nginx", "-t", "-q", "-c", whole)

    assert verdict.returncode == 0, verdict.stderr


@pytest.mark.parametrize("name", ["Caddyfile", "nginx.conf"])
def test_a_proxy_lets_through_what_comes_from_outside_and_nothing_else(name: str) -> None:
    text = (SYSTEMD / name).read_text(encoding="utf-8")

    assert "/telegram/" in text
    assert "/callbacks/kie" in text
    assert not re.search(r"^[^#]*/(health|metrics|ready)", text, re.M)


# -------------------------------------------------------------------- Render --


def blueprints() -> dict[str, Any]:
    """The one that is in force, and the one that its comments describe."""
    text = (ROOT / "render.yaml").read_text(encoding="utf-8")
    web, _, rest = text.partition("# The alternative:")
    worker = "\n".join(re.findall(r"^# ((?:- |  ).*)$", rest, re.M))
    head, _, databases = text.partition("\ndatabases:")
    return {
        "web": yaml.safe_load(text),
        "worker": yaml.safe_load(f"services:\n{worker}\n\ndatabases:{databases}"),
    }


@pytest.mark.parametrize("kind", ["web", "worker"])
def test_the_blueprint_is_what_render_accepts(kind: str) -> None:
    jsonschema.validate(blueprints()[kind], render_blueprint())


@pytest.mark.parametrize(("kind", "mode"), [("web", "webhook"), ("worker", "polling")])
def test_the_blueprint_starts_the_bot_so_that_it_can_be_stopped(kind: str, mode: str) -> None:
    (service,) = blueprints()[kind]["services"]
    variables_ = {each["key"]: each for each in service["envVars"]}

    assert service["type"] == kind
    # exec: SIGTERM must reach Python, not a shell.
    assert service["startCommand"] == "exec python run.py serve"
    assert service["preDeployCommand"] == "python run.py migrate"
    assert service["maxShutdownDelaySeconds"] >= 30
    assert service.get("healthCheckPath") == ("/health" if kind == "web" else None)
    assert variables_["BOT_MODE"]["value"] == mode
    assert {name for name, each in variables_.items() if each.get("sync") is False} == {
        "TELEGRAM_BOT_TOKEN",
        "KIE_API_KEY",
        "ADMIN_ID",
    }
    assert set(variables_) - {"PYTHON_VERSION"} <= SETTINGS


# -------------------------------------------------------------- what is installed --


def commands_of(name: str) -> str:
    """The text of a file that deploys, with lines that a backslash or YAML joins."""
    text = (ROOT / name).read_text(encoding="utf-8")
    text = re.sub(r"&&\n(?:# +| +)", "&& ", text)
    return text.replace("\\\n", " ")


INSTALLERS = ["render.yaml", "systemd/install.sh", "Dockerfile"]


@pytest.mark.parametrize("name", INSTALLERS)
def test_every_deployment_installs_what_is_pinned_by_hash_and_nothing_else(name: str) -> None:
    commands = re.findall(r"\bpip (?:\S+ )*?install\b([^&|;)\n]*)", commands_of(name))

    assert commands
    for command in commands:
        options = [word for word in command.split() if word not in QUIET]
        assert options == ["--require-hashes", "-r", "requirements.txt"], command


#: Options that change nothing of what is installed.
QUIET = {"--quiet", "--no-cache-dir", "--disable-pip-version-check"}


@pytest.mark.parametrize("name", INSTALLERS)
def test_every_deployment_compiles_the_source_before_the_start(name: str) -> None:
    compiled = re.findall(r"python -m compileall -q ([^&)\n]*)", commands_of(name))

    assert compiled
    for sources in compiled:
        assert {"run.py", "handlers", "kie", "supervisor", "sql"} <= set(sources.split())


def test_render_and_the_container_run_the_same_python() -> None:
    image = re.findall(r"^FROM python:([\d.]+)-", (ROOT / "Dockerfile").read_text("utf-8"), re.M)
    render = [
        variable["value"]
        for blueprint in blueprints().values()
        for service in blueprint["services"]
        for variable in service["envVars"]
        if variable["key"] == "PYTHON_VERSION"
    ]

    assert len(image) == len(render) == 2
    assert len({*image, *render}) == 1


# ----------------------------------------------------------------- container --


def test_the_linter_finds_no_fault_in_the_dockerfile() -> None:
    verdict = run("hadolint", ROOT / "Dockerfile")

    assert verdict.stdout == ""
    assert verdict.returncode == 0


def test_the_image_holds_every_package_and_none_of_the_tests() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    allowed = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    copied = {
        word for line in re.findall(r"^COPY (?!--)(.*)$", text, re.M) for word in line.split()
    }

    assert packages <= copied
    assert {f"!{name}" for name in packages} <= allowed
    assert "tests" not in copied


def test_the_image_holds_no_installer() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    _, last = text.rsplit("\nFROM ", 1)

    assert "venv --without-pip" in text
    assert "pip uninstall --yes pip" in last
    assert "ensurepip" in last
    assert not re.search(r"^RUN .*\binstall\b", last.replace("\\\n", " "), re.M)


def test_the_container_gives_sigterm_to_python_and_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert re.search(r'^ENTRYPOINT \["[^"]*/python", "run.py"\]$', text, re.M)
    assert re.search(r'^CMD \["serve"\]$', text, re.M)
    assert re.search(r"^USER [1-9]\d*$", text, re.M)


@pytest.mark.parametrize(
    "given",
    [
        {"PORT": "{port}"},
        {"PORT": '"{port}"'},
        {"PORT": "{port}", "HTTP_PROXY": "http://127.0.0.1:9"},
        {"PORT": "{port}", "http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"},
    ],
    ids=["plain", "quoted by an env file", "a proxy", "a proxy in small letters"],
)
@pytest.mark.parametrize("status", [200, 503])
def test_the_container_asks_its_own_port_whether_it_is_well(
    given: dict[str, str], status: int
) -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    (command,) = re.findall(r"^HEALTHCHECK .*?CMD +(\[.*\])$", text, re.M)
    _, *words = json.loads(command)

    with one_answer(status) as port:
        env = {name: value.format(port=port) for name, value in given.items()}
        done = subprocess.run(
            [sys.executable, *words], env=env, capture_output=True, check=False, timeout=20
        )

    assert done.returncode == (0 if status == 200 else 1), done.stderr.decode()


@contextmanager
def one_answer(status: int) -> Iterator[int]:
    """The port of a server that answers /health with this status."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(10)


def test_the_container_can_write_where_a_copied_example_says() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    (example,) = re.findall(r"^DATA_DIR=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M)

    assert f"ln -s /data {example}\n" in text
    assert "--home-dir /data" in text
