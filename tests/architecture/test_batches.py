"""Work on many rows goes through ``BatchRunner``, which lets only the row at fault wait."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Loops by hand, and why each cannot let one row stop the others.
KNOWN = {
    "handlers/dispatch/unit_of_work.py": "its transactions are parted by retries.py, with drive",
    "kie/jobs/end_recorder.py": "one job, which ``run`` has found at fault, recorded as broken",
}


def loops_by_hand(source: str) -> Iterator[int]:
    """Lines of ``for`` loops that open a transaction for each row, or that work on row after
    row within one transaction."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.For) and any(map(_opens, ast.walk(node))):
            yield node.lineno
        if isinstance(node, ast.With) and _opens(node):
            names = {
                item.optional_vars.id
                for item in node.items
                if isinstance(item.optional_vars, ast.Name)
            }
            for inner in ast.walk(node):
                if isinstance(inner, ast.For) and any(
                    isinstance(each, ast.Name) and each.id in names
                    for statement in inner.body
                    for each in ast.walk(statement)
                ):
                    yield inner.lineno


def _opens(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Attribute)
        and item.context_expr.func.attr == "transaction"
        for item in node.items
    )


def test_services_do_not_loop_over_rows_and_commit_by_hand() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for top in ("handlers", "kie")
        for path in (ROOT / top).rglob("*.py")
        if any(loops_by_hand(path.read_text(encoding="utf-8")))
    }

    assert found == set(KNOWN), "use supervisor/database/batch.py, or say why not"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("for row in rows:\n  with db.transaction(term) as tx:\n    tx.run(row)", [1]),
        ("with db.transaction() as tx:\n  for row in rows:\n    work(tx, row)", [2]),
        ("with db.transaction() as tx:\n  for row in tx.all(s):\n    seen.add(row)", []),
        ("with db.transaction() as tx:\n  rows = tx.all(s)\nfor row in rows:\n  work(row)", []),
    ],
)
def test_the_finder_finds_both_forms_and_nothing_else(source: str, lines: list[int]) -> None:
    assert list(loops_by_hand(source)) == lines
