"""What we depend on: pinned to the last package, and audited, or not audited and said so."""

import configparser
import functools
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


def declared(*extras: str) -> list[Requirement]:
    """What setup.cfg asks for, with these extras."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["install_requires"].splitlines()
    for extra in extras:
        lines += setup["options.extras_require"][extra].splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def needs(waiting: list[Requirement], system: Mapping[str, str]) -> set[str]:
    """The names of these packages and of all that they pull in on ``system``."""
    seen: dict[str, set[str]] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate(
            {**system, "extra": ""}
        ):
            continue
        if name in seen and requirement.extras <= seen[name]:
            continue
        seen[name] = seen.get(name, set()) | requirement.extras
        try:
            pulled = importlib.metadata.requires(requirement.name) or []
        except importlib.metadata.PackageNotFoundError:
            # Of another system. Here nothing is known of it but its name.
            continue
        for text in pulled:
            needed = Requirement(text)
            if needed.marker is None or any(
                needed.marker.evaluate({**system, "extra": extra}) for extra in ("", *seen[name])
            ):
                needed.marker = None
                waiting.append(needed)
    return set(seen)


@functools.cache
def wanted() -> Mapping[str, str]:
    """Every package of an installation for tests, as it is installed here."""
    names = needs(declared("local", "dev"), {}) - {"pip"}  # pip installs; nobody pins it
    return {name: importlib.metadata.version(name) for name in names}


def test_every_package_is_pinned_to_what_the_tests_run_with() -> None:
    here = {name: version for name, version in pinned().items() if name in wanted()}

    assert here == wanted()


def test_nothing_is_pinned_that_nobody_needs() -> None:
    # Other systems may need more; this one has run every test.
    assert sorted(set(pinned()) - set(wanted())) == []


# ------------------------------------------------------- requirements.txt --


def locked() -> dict[str, str]:
    """Each package of requirements.txt with its version."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^ ]+)", text, re.M)
    return {canonical(name): version for name, version in found}


def test_a_deployment_gets_the_versions_that_the_tests_run_with() -> None:
    here = {name: version for name, version in locked().items() if name in pinned()}

    assert here == {name: pinned()[name] for name in here}
    assert needs(declared(), {}) <= set(here)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("platform", "system"), [("linux", "Linux"), ("darwin", "Darwin"), ("win32", "Windows")]
)
def test_a_deployment_gets_every_package_on_every_system(
    platform: str, system: str, python: str
) -> None:
    there = {
        "sys_platform": platform,
        "platform_system": system,
        "python_version": python,
        "python_full_version": f"{python}.0",
    }

    assert needs(declared(), there) - set(locked()) == set()


def test_a_deployment_gets_nothing_without_a_hash_and_nothing_that_only_tests_need() -> None:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.M)[1:]

    assert len(packages) == len(locked())
    assert [each.split()[0] for each in packages if "--hash=sha256:" not in each] == []
    # A package that is built brings tools for it, which no hash covers.
    assert text.split("\n")[1] == "--only-binary :all:"
    assert "://" not in text
    foreign = {"pip", "setuptools", "wheel", "uv", "pytest", "aiogram", "tornado", "pydantic"}
    assert set(locked()) & foreign == set()


# -------------------------------------------------------------------- audit --


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
