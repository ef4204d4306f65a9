"""What a stranger meets beside the code: packages, versions, workflows, forms."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

import run

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def setup() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(ROOT / "setup.cfg", encoding="utf-8")
    return found


def workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((GITHUB / "workflows" / name).read_text("utf-8"))
    # YAML 1.1 reads the key "on" as true.
    found["on"] = found.pop(True)
    return found


def packages() -> dict[str, str]:
    """What setup.cfg asks for, each with its extra."""
    found: dict[str, str] = {}
    parts = {"": setup()["options"]["install_requires"], **setup()["options.extras_require"]}
    for extra, lines in parts.items():
        for line in lines.splitlines():
            if line and not line.startswith("#"):
                name = Requirement(line).name
                found["types-*" if name.startswith("types-") else name] = extra
    return found


def explained() -> dict[str, str]:
    _, dependencies = read("README.md").split("\n## Dependencies\n")
    found: dict[str, str] = {}
    for names, extra in re.findall(r"^\| ([^|`]+?)(?: \(`(\w+)`\))? \| ", dependencies, re.M)[1:]:
        found |= dict.fromkeys(names.split(", "), extra)
    return found


def test_the_readme_gives_the_reason_for_every_package() -> None:
    # The bench wants a package of production with one more extra of its own.
    wanted = {**packages(), "python-telegram-bot": ""}

    assert explained() == wanted


def test_the_pythons_that_are_declared_are_those_that_are_tested() -> None:
    declared = re.findall(r"Python :: (3\.\d+)$", setup()["metadata"]["classifiers"], re.M)
    matrix = workflow("ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    image = re.findall(r"^FROM python:(\d+\.\d+)", read("Dockerfile"), re.M)

    assert declared == matrix == PYTHONS
    assert setup()["options"]["python_requires"] == f">={PYTHONS[0]}"
    assert set(image) == {PYTHONS[-1]}


def test_the_workflow_runs_what_a_developer_runs() -> None:
    job = workflow("ci.yml")["jobs"]["test"]
    commands = [step["run"] for step in job["steps"] if "run" in step]

    assert len(commands) == 1
    assert commands[0].endswith(" .ci/run")
    assert workflow("ci.yml")["permissions"] == {"contents": "read"}


def test_a_tag_makes_an_image() -> None:
    found = workflow("release.yml")
    commands = "\n".join(step.get("run", "") for step in found["jobs"]["image"]["steps"])

    assert found["on"] == {"push": {"tags": ["v*"]}}
    assert "docker build" in commands
    # The first step compares the tag with this line.
    assert f'VERSION = "{run.VERSION}"\n' in read("run.py")


def test_the_changelog_tells_of_this_version() -> None:
    versions = re.findall(r"^## .*?(\d+\.\d+\.\d+)", read("CHANGELOG.md"), re.M)

    assert versions[0] == run.VERSION
    assert versions == sorted(versions, key=lambda each: tuple(map(int, each.split("."))))[::-1]


@pytest.mark.parametrize("name", ["bug.yml", "idea.yml"])
def test_a_form_has_what_github_insists_on(name: str) -> None:
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / name).read_text("utf-8"))
    fields = [each for each in form["body"] if each["type"] != "markdown"]

    assert {"name", "description", "body"} <= set(form)
    assert {each["type"] for each in form["body"]} <= {"markdown", "textarea", "input", "dropdown"}
    assert len({each["id"] for each in fields}) == len(fields)
    assert all(each["attributes"]["label"] for each in fields)


def test_updates_are_proposed_for_everything_that_is_pinned() -> None:
    found = yaml.safe_load((GITHUB / "dependabot.yml").read_text("utf-8"))

    assert found["version"] == 2
    assert {each["package-ecosystem"] for each in found["updates"]} == {
        "pip",
        "docker",
        "github-actions",
    }
