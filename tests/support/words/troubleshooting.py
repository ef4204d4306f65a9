"""The troubleshooting chapter, taken apart; and every text that the program can say."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.support.bots.world import ROOT

ANYTHING = "…"  #: stands for what differs from line to line


@dataclass(frozen=True)
class Symptom:
    """One section: what to look at, and what may be found."""

    name: str
    commands: Sequence[str]
    lines: Sequence[str]  #: quoted log lines, with ``ANYTHING`` for their gaps


def chapter() -> Sequence[Symptom]:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    _, found = text.split("\n## Troubleshooting\n")
    _, *sections = re.split(r"^### ", found, flags=re.M)
    return [_symptom(section) for section in sections]


def _symptom(section: str) -> Symptom:
    name, _, rest = section.partition("\n")
    blocks = re.findall(r"^```sh\n(.*?)^```", rest, re.M | re.S)
    rows = [row.split(" | ")[0] for row in re.findall(r"^\| (.*) \|$", rest, re.M)]
    return Symptom(
        name,
        [command for block in blocks for command in block.splitlines() if command],
        [line for row in rows for line in re.findall(r"`([^`]+)`", row)],
    )


def sayings() -> Iterator[str]:
    """Every text in the program's own modules; what is filled in is ``ANYTHING``."""
    for top in ("run.py", "handlers", "kie", "supervisor"):
        path = ROOT / top
        for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
            yield from _texts(ast.parse(module.read_text(encoding="utf-8")))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [
                each.value if isinstance(each, ast.Constant) else ANYTHING for each in node.values
            ]
            yield "".join(str(part) for part in parts)


def says(line: str, texts: Sequence[str]) -> bool:
    """Whether one of ``texts`` can come out as ``line``; log events have to be the whole text."""
    parts = [part.strip() for part in line.split(ANYTHING) if part.strip()]
    if re.fullmatch(r"[a-z_]+", line):
        return line in texts
    pattern = re.compile(".*".join(re.escape(part) for part in parts), re.S)
    return any(pattern.search(text) for text in texts)
