"""A feature can be taken off the list, and the tests of all others stay green."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.features import FEATURES
from tests.conftest import WITHOUT

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/unit/features"
#: They walk through every model or start a process, say nothing about other features, and take
#: long.
LONG_ONES = ("test_every_model.py", "test_models.py", "test_memory.py")


@pytest.mark.parametrize("gone", [each.name for each in FEATURES])
def test_without_a_feature_the_tests_of_the_others_are_green(gone: str) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", TESTS),
            *("--ignore", f"{TESTS}/{gone}", *(f"--ignore-glob=*/{each}" for each in LONG_ONES)),
        ],
        cwd=ROOT,
        env={**os.environ, WITHOUT: gone, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]


def test_every_feature_has_its_tests() -> None:
    for each in FEATURES:
        assert list((ROOT / TESTS / each.name).glob("test_*.py")), each.name
