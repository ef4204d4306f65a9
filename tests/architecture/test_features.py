"""A feature can be taken off the list, and the tests of all others stay green."""

import os
from pathlib import Path

import pytest

from handlers.features import FEATURES
from tests.conftest import WITHOUT
from tests.support.machine.pytest_host import PytestHost

#: They fork one pytest.
pytestmark = pytest.mark.xdist_group("features")
ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/unit/features"
#: They walk through every model or start a process, say nothing about other features, and take
#: long.
LONG_ONES = ("test_every_model.py", "test_models.py", "test_memory.py")
#: The list is shortened before anything is made of it: ``tests/conftest.py``.
HOST = PytestHost("hypothesis.strategies", "handlers.features")


@pytest.mark.parametrize("gone", [each.name for each in FEATURES])
def test_without_a_feature_the_tests_of_the_others_are_green(gone: str) -> None:
    done = HOST.run(
        *(TESTS, "--ignore", f"{TESTS}/{gone}"),
        *(f"--ignore-glob=*/{each}" for each in LONG_ONES),
        folder=ROOT,
        env={**os.environ, WITHOUT: gone},
    )

    assert done.code == 0, done.output[-5000:]


def test_every_feature_has_its_tests() -> None:
    for each in FEATURES:
        assert list((ROOT / TESTS / each.name).glob("test_*.py")), each.name
