"""The import graph of ``sandbox/``: rooms of about a dozen modules in one line, and no circle."""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.rooms import MOST_MODULES

ROOT = Path(__file__).resolve().parents[2]
#: Each room imports only what stands to its right.
LINES = {
    "sandbox.telegram": (
        "server",
        "control",
        "users",
        "api",
        "messages",
        "protocol",
        "delivery",
        "state",
    ),
    "sandbox.kie": (
        *("server", "control", "families", "market", "uploads", "results", "front", "lifecycle"),
    ),
}


def graph() -> dict[str, set[str]]:
    """Every module of the sandbox and the modules that it imports, also for type checkers."""
    files = {_name(path): path for path in sorted((ROOT / "sandbox").rglob("*.py"))}
    return {name: set(_imported(path, set(files))) for name, path in files.items()}


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path: Path, known: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inner or {str(node.module)}


def circle(arrows: Mapping[str, set[str]]) -> list[str]:
    """One circle, or nothing."""
    left = {name: set(targets) for name, targets in arrows.items()}
    while True:
        ends = {name for name, targets in left.items() if not targets & set(left)}
        if not ends:
            break
        left = {name: targets for name, targets in left.items() if name not in ends}
    if not left:
        return []
    found = [min(left)]
    while found.count(found[-1]) < 2:
        found.append(min(left[found[-1]] & set(left)))
    return found[found.index(found[-1]) :]


def test_the_import_graph_of_the_sandbox_has_no_circle() -> None:
    arrows = graph()
    for name, targets in arrows.items():
        print(name, "->", ", ".join(sorted(targets)) or "nothing")  # noqa: T201 shown by pytest -s

    assert len(arrows) > 40
    assert circle(arrows) == []


def test_a_room_of_the_sandbox_holds_about_a_dozen_modules() -> None:
    rooms = Counter(path.parent for path in (ROOT / "sandbox").rglob("*.py"))

    # Beside the package's docstring.
    assert {room.name: count for room, count in rooms.items() if count - 1 > MOST_MODULES} == {}


def test_a_circle_is_found() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert circle({"a": {"b"}, "b": set()}) == []


@pytest.mark.parametrize("top", LINES)
def test_the_rooms_of_a_simulator_import_to_the_right(top: str) -> None:
    line = LINES[top]
    for name, targets in graph().items():
        for target in targets:
            ours, theirs = (_room(top, each) for each in (name, target))
            if ours in line and theirs in line:
                assert line.index(theirs) >= line.index(ours), f"{name} -> {target}"


def _room(top: str, name: str) -> str:
    return name.removeprefix(f"{top}.").partition(".")[0] if name.startswith(f"{top}.") else ""
