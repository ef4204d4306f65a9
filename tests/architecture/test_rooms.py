"""The rooms inside the layers: imports run one way, and no room is a heap."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.rooms import LAYERS, LINES, MOST_MODULES, ROOT, arrows, circles, modules, room_of

FILE = re.compile(r"\b[a-z_/]+\.py\b")  #: a file that a text names


def place(layer: str, room: str) -> int:
    line = LINES[layer]
    feature = room.startswith("features.")
    return line.index("features.*" if feature else room)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_room_stands_in_the_line(layer: str) -> None:
    rooms = {room_of(name, path) for name, path in modules(layer).items()}

    assert {room for room in rooms if not room.startswith("features.")} <= set(LINES[layer])


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_between_rooms_run_one_way(layer: str) -> None:
    back = [
        reason
        for here, others in arrows(layer).items()
        for there, reasons in others.items()
        if place(layer, here) >= place(layer, there)
        for reason in reasons
    ]

    assert back == []


@pytest.mark.parametrize("layer", LAYERS)
def test_no_rooms_import_each_other(layer: str) -> None:
    assert circles(layer) == []


def test_no_feature_imports_another_one() -> None:
    across = [
        reason
        for here, others in arrows("handlers").items()
        for there, reasons in others.items()
        if here.startswith("features.") and there.startswith("features")
        for reason in reasons
    ]

    assert across == []


@pytest.mark.parametrize("layer", LAYERS)
def test_a_room_holds_about_a_dozen_modules(layer: str) -> None:
    rooms: dict[str, list[str]] = {}
    for name, path in modules(layer).items():
        if path.name != "__init__.py" and not path.stem.startswith(("texts_", "shared_")):
            rooms.setdefault(path.parent.as_posix(), []).append(name)

    assert {room: found for room, found in rooms.items() if len(found) > MOST_MODULES} == {}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_package_has_a_docstring_of_at_most_sixty_lines(layer: str) -> None:
    """Who is authoritative, the rules, what happens on failure: readable in a minute."""
    lines = {
        name: len(_documentation(path).splitlines())
        for name, path in modules(layer).items()
        if path.name == "__init__.py"
    }

    assert {name: count for name, count in lines.items() if not 1 <= count <= 60} == {}


def test_texts_of_the_layers_name_only_files_that_exist() -> None:
    parts = (*LAYERS, "sql", "sandbox")
    files = [path for part in parts for path in (ROOT / part).rglob("*") if path.is_file()]
    told = [*files, *(ROOT / "tests").rglob("*.py"), ROOT / "run.py"]
    known = {f"/{path.relative_to(ROOT).as_posix()}" for path in told}
    gone = [
        f"{path.relative_to(ROOT).as_posix()} names {name}"
        for path in sorted(files)
        if path.suffix in {".py", ".sql", ".yaml"}
        for name in FILE.findall(path.read_text(encoding="utf-8"))
        if not any(each.endswith(f"/{name}") for each in known)
    ]

    assert gone == []


def _documentation(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
