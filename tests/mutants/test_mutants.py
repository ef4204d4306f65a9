"""Each mistake, planted in a copy of the tree, turns the test red that guards against it.

One after the other: the mistakes of ``plants.py`` are planted, the test is run by a pytest of
its own, and the file is restored. LONG=1 takes those, too, whose tests take many seconds.
"""

import compileall
import os
import py_compile
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SHARED, Server
from tests.mutants.mutant import Mutant
from tests.mutants.plants import MUTANTS
from tests.support.machine.pytest_host import PytestHost, Ran

#: One tree and one pytest serve all of them.
pytestmark = pytest.mark.xdist_group("mutants")
ROOT = Path(__file__).resolve().parents[2]
TREE = ("run.py", "setup.cfg", "supervisor", "handlers", "kie", "sql", "sandbox", "tests")
CHOSEN = [each for each in MUTANTS if os.environ.get("LONG") or not each.slow]
#: What these tests import of others: a mistake is planted in our own modules.
HOST = PytestHost(
    *("hypothesis.strategies", "loguru", "prometheus_client", "psycopg2.extras"),
    "telegram.warnings",
)
#: What pytest says when tests ran and at least one of them failed.
RED = 1


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what the tests need, changed by one mutant at a time."""
    folder = tmp_path_factory.mktemp("tree")
    leave_out = shutil.ignore_patterns("__pycache__", "page", "acceptance", "chaos", "bench")
    for name in TREE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave_out)
        else:
            shutil.copy(source, folder / name)
    # Compiled once; what is changed is seen by its content, not by its time.
    how = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=1, invalidation_mode=how)
    yield folder
    shutil.rmtree(folder)


def run(tree: Path, server: Server, *tests: str) -> Ran:
    env = {
        "PATH": os.environ["PATH"],
        # A file that is changed twice within a second looks the same by its time.
        "PYTHONDONTWRITEBYTECODE": "1",
        SHARED: server.dsn.reveal(),
    }
    return HOST.run(*tests, folder=tree, env=env, seconds=120)


@pytest.mark.parametrize("mutant", CHOSEN, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_the_mistake_is_noticed(mutant: Mutant, tree: Path, postgres: Server) -> None:
    file = tree / mutant.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(mutant.text) == 1, f"{mutant.file} does not hold exactly once what to change"
    file.write_text(whole.replace(mutant.text, mutant.instead), encoding="utf-8")
    try:
        done = run(tree, postgres, mutant.killer)
    finally:
        file.write_text(whole, encoding="utf-8")

    assert done.code == RED, f"{mutant.name!r} survives:\n{done.output}"
    assert "1 failed" in done.output, done.output


def test_each_mistake_names_a_test_that_exists() -> None:
    def exists(killer: str) -> bool:
        file, _, name = killer.partition("::")
        path = ROOT / file
        return path.exists() and f"\ndef {name.partition('[')[0]}(" in path.read_text("utf-8")

    assert [each.killer for each in MUTANTS if not exists(each.killer)] == []


def test_each_mistake_has_one_place_where_it_is_planted() -> None:
    def places(each: Mutant) -> int:
        return (ROOT / each.file).read_text("utf-8").count(each.text)

    assert [each.name for each in MUTANTS if places(each) != 1] == []


def test_without_a_mistake_the_same_tests_are_green(tree: Path, postgres: Server) -> None:
    done = run(tree, postgres, *sorted({each.killer for each in CHOSEN}))

    assert done.code == 0, done.output
