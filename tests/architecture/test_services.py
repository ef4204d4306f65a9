"""A service comes round also when it has nothing to do: silence ends the process."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


SERVES = re.compile(r"\basync\s+def\s+(run|keep)\b")


def bodies_of_loop_services() -> Iterator[Path]:
    for top in ("handlers", "kie", "supervisor"):
        for path in sorted((ROOT / top).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if not SERVES.search(text):
                continue  # each worker looks for them before its first test
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.AsyncFunctionDef) and node.name in {"run", "keep"}:
                    names = [each.arg for each in node.args.args]
                    if names[-2:] == ["gate", "stop"] or names[-1:] == ["stop"]:
                        yield path


@pytest.mark.parametrize("path", sorted(set(bodies_of_loop_services())), ids=lambda p: p.stem)
def test_a_service_of_the_event_loop_looks_at_its_stop_request_in_a_loop(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    looks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.While) and "stop.is_set()" in ast.unparse(node.test)
    ]
    hands_on = "mode" in path.stem  # it only chooses between two services that do
    assert looks or hands_on, "each look is a sign of life (supervisor/runtime/stop_request.py)"


def waits_of_their_own() -> Iterator[tuple[str, str]]:
    """File and source of each wait for the event that a service has beside its stop request."""
    for top in ("handlers", "kie", "supervisor"):
        for path in sorted((ROOT / top).rglob("*.py")):
            calls = [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            ]
            events = {
                ast.unparse(call.args[1])
                for call in calls
                if ast.unparse(call.func) == "wake_on_stop"
            }
            for call in calls:
                waits = ast.unparse(call.func).endswith("clock.wait")
                if waits and ast.unparse(call.args[0]) in events:
                    yield path.relative_to(ROOT).as_posix(), ast.unparse(call)


def test_a_service_with_an_event_of_its_own_gives_signs_of_life_while_it_waits() -> None:
    silent = [each for each in waits_of_their_own() if "min(ROUND" not in each[1]]

    assert silent == [], "use wait_for_wake_up (supervisor/runtime/stop_request.py)"


def test_only_what_guards_each_row_may_end_the_process_by_an_error() -> None:
    """Any other service begins again (``handlers/process/restarting.py``): after a restart of the
    process it would find the same row."""
    made = {
        name
        for path in (ROOT / "handlers" / "process").glob("*.py")
        for name in re.findall(r"\.(?:thread|task)\(\s*\"(\w+)\"", path.read_text())
    }

    assert made == {"poller", "sender", "submitter"}
    given = re.findall(
        r"\b(?:thread|task)=self\.(\w+)",
        (ROOT / "handlers" / "process" / "services.py").read_text(),
    )
    assert sorted(given) == ["restarting_task", "restarting_thread"], "what features make theirs of"
