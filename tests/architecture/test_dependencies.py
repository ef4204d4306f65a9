"""What we depend on: pinned to the last package, and audited, or not audited and said so."""

import configparser
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version for name, _, version in pairs}


def wanted() -> dict[str, str]:
    """Every package that an installation with all extras pulls in here, as it is installed."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].splitlines()
    for extra in setup["options.extras_require"].values():
        lines += extra.splitlines()
    waiting = [Requirement(line) for line in lines if line and not line.startswith("#")]
    seen: dict[str, str] = {}
    extras: dict[str, set[str]] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        if name in seen and requirement.extras <= extras[name]:
            continue
        found = importlib.metadata.distribution(requirement.name)
        seen[name] = found.version
        extras[name] = extras.get(name, set()) | requirement.extras
        for text in found.requires or []:
            needed = Requirement(text)
            marker = needed.marker
            if marker is None or any(
                marker.evaluate({"extra": extra}) for extra in ("", *extras[name])
            ):
                needed.marker = None
                waiting.append(needed)
    return seen


def test_every_package_is_pinned_to_what_the_tests_run_with() -> None:
    here = {name: version for name, version in pinned().items() if name in wanted()}

    assert here == wanted()


def test_nothing_is_pinned_that_nobody_needs() -> None:
    # Other systems may need more; this one has run every test.
    assert sorted(set(pinned()) - set(wanted())) == []


def judge(dependencies: Sequence[Mapping[str, object]]) -> tuple[list[str], list[str]]:
    """Packages with a known weakness, and those of which nothing is known."""
    weak = [str(each["name"]) for each in dependencies if each.get("vulns")]
    unknown = [str(each["name"]) for each in dependencies if "vulns" not in each]
    return weak, unknown


def test_no_pinned_package_has_a_known_weakness(tmp_path: Path) -> None:
    program = shutil.which("pip-audit", path=str(Path(sys.executable).parent))
    assert program is not None, "pip-audit is in the extra dev"
    report = tmp_path / "audit.json"
    done = subprocess.run(
        [program, "--requirement", str(ROOT / "constraints.txt"), "--no-deps", "--disable-pip"]
        + ["--format", "json", "--output", str(report), "--progress-spinner", "off"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if not report.exists():
        pytest.skip(f"not audited: {done.stderr.strip().splitlines()[-1:]}")
    dependencies = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
    weak, unknown = judge(dependencies)

    assert weak == []
    # pip-audit says "no known vulnerabilities" and exits with 0 for what it could not look up.
    if len(unknown) == len(dependencies):
        pytest.skip(f"not audited: 0 of {len(dependencies)} packages could be looked up")
    assert unknown == []


def test_an_audit_that_looked_nothing_up_is_no_pass() -> None:
    found: list[dict[str, object]] = [
        {"name": "sound", "version": "1", "vulns": []},
        {"name": "weak", "version": "1", "vulns": [{"id": "X-1"}]},
        {"name": "unseen", "skip_reason": "not found"},
    ]

    assert judge(found) == (["weak"], ["unseen"])
