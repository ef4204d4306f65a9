"""The import graph of the rooms, read from the source: ``python -m tests.support.rooms``."""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("handlers", "kie", "supervisor")
MOST_MODULES = 13  #: of a room: about a dozen, beside its docstring and tables of sentences
#: Each room imports only what stands to its right. Features are rooms of their own.
LINES = {
    "handlers": (
        *(
            "",
            "process",
            "features",
            "features.*",
            "operator",
            "direct",
            "dispatch",
            "intake",
            "delivery",
        ),
        *("bot_api", "dialogue", "shop", "words"),
    ),
    "kie": ("", "submission", "jobs", "files", "catalogue", "money", "api", "http"),
    "supervisor": (
        "",
        "http",
        "health",
        "lock",
        "database",
        "settings",
        "telemetry",
        "network",
        "runtime",
        "values",
    ),
}

#: A room is a folder of a layer; a feature is a room of its own.
Graph = Mapping[str, Mapping[str, list[str]]]


def modules(layer: str) -> dict[str, Path]:
    """Every module of the layer by its dotted name; a package under its own name."""
    files = sorted((ROOT / layer).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, files, strict=True)}


def room_of(module: str, path: Path) -> str:
    """``handlers.delivery.outbox`` → ``delivery``; the layer's own modules: an empty text."""
    parts = module.split(".")[1:]
    if path.name != "__init__.py":
        parts = parts[:-1]
    deep = 2 if parts[:1] == ["features"] else 1
    return ".".join(parts[:deep])


def imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ``known`` that the file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole in known or node.module in known:
                    yield whole if whole in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def arrows(layer: str) -> Graph:
    """Room → room that it imports → the imports."""
    known = modules(layer)
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, path in known.items():
        for other in imported(path, known):
            here, there = room_of(name, path), room_of(other, known[other])
            if here != there:
                found[here][there].append(f"{name} imports {other}")
    return found


def circles(layer: str) -> list[list[str]]:
    """Rooms that import each other, directly or through others: each circle once."""
    graph = {here: set(there) for here, there in arrows(layer).items()}
    found: list[list[str]] = []

    def walk(way: list[str]) -> None:
        for following in sorted(graph.get(way[-1], ())):
            if following == way[0]:
                found.append(way)
            elif following not in way and following > way[0]:
                walk([*way, following])

    for start in sorted(graph):
        walk([start])
    return found


def main() -> None:
    """Print rooms, arrows and circles."""
    lines: list[str] = []
    for layer in LAYERS:
        graph = arrows(layer)
        known = modules(layer)
        rooms = sorted({room_of(name, path) for name, path in known.items()} - {""})
        count = sum(len(there) for there in graph.values())
        lines.append(f"{layer}: {len(rooms)} rooms, {count} arrows, {len(circles(layer))} circles")
        for room in rooms:
            lines.append(f"  {room} -> {', '.join(sorted(graph.get(room, {}))) or '(nothing)'}")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
