"""The documents are true: links lead somewhere, commands exist, tables agree with the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import run
from handlers.features import FEATURES
from tests.support.each import each
from tests.support.edges.model_table import table
from tests.support.rooms import LINES
from tests.support.shipped import shipped

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LAYERS = ("handlers", "kie", "supervisor")
#: Folders whose files the documents name.
TOPS = (*LAYERS, "sql", "sandbox", "systemd", "tests", "docs", ".ci", ".github")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def mentioned(pattern: str) -> list[tuple[str, Any]]:
    """Every match of ``pattern`` in the documents, with the document; a tuple for groups."""
    return [
        (name_of(path), found)
        for path in DOCUMENTS
        for found in sorted(set(re.findall(pattern, path.read_text(encoding="utf-8"))))
    ]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKS = mentioned(r'\]\((?!https?:)([^)\s]+)\)|src="([^"]+)"')


@each((document, one or other) for document, (one, other) in LINKS)
def test_every_link_leads_somewhere(document: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document

    assert target.exists()
    assert not anchor or anchor in anchors(target)


PATHS = mentioned(rf"(?<![\w/.-])((?:{'|'.join(map(re.escape, TOPS))})/[\w@./-]*\w)")


@each(PATHS)
def test_every_file_that_is_named_exists(document: str, path: str) -> None:
    assert (ROOT / path).exists(), f"{document} names {path}"


COMMANDS = mentioned(r"run\.py ([a-z][a-z-]*)((?: --[a-z-]+(?: ID)?)*)")


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_every_command_of_the_bot_exists(
    document: str, command: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, options = command

    with pytest.raises(SystemExit) as ended:
        run.main([name, "--help"])

    assert ended.value.code == 0, document
    assert set(re.findall(r"--[a-z-]+", options)) <= set(
        re.findall(r"--[a-z-]+", capsys.readouterr().out)
    )


@pytest.mark.parametrize(
    ("document", "target"), mentioned(r"(?:`|\n)make ([a-z.][\w./-]*)"), ids=str
)
def test_every_target_of_make_exists(document: str, target: str) -> None:
    assert re.search(rf"^{re.escape(target)}:", read("Makefile"), re.M), document


def test_every_command_in_the_chat_exists_and_those_of_operators_are_explained() -> None:
    told = set(
        re.findall(r"`/([a-z_]+)(?![\w/])", "".join(path.read_text("utf-8") for path in DOCUMENTS))
    )
    everybodys = {name for each in FEATURES for name in each.commands}
    operators = {name for each in FEATURES for name in each.operator_commands}
    table = set(re.findall(r"^\| `/([a-z_]+)", read("docs/operations.md"), re.M))

    assert told - ROUTES <= everybodys | operators
    # Another name for the same.
    assert operators - {"models"} == table


ROUTES = {"health", "ready", "metrics"}


def logged_events() -> Iterator[str]:
    """The events that the code logs as WARNING or worse, or at a level that it computes."""
    for path in [
        ROOT / "run.py",
        *(found for top in LAYERS for found in (ROOT / top).rglob("*.py")),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"warning", "error", "critical", "log"}
            ):
                texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
                yield from (text for text in map(str, texts) if re.fullmatch(EVENT, text))


EVENT = r"[a-z]+(_[a-z]+)+"


def test_every_event_that_may_worry_an_operator_is_explained() -> None:
    told = set(re.findall(r"`([a-z_]+)`", read("docs/operations.md")))

    assert sorted(set(logged_events()) - told) == []


def test_no_event_is_explained_that_nothing_logs() -> None:
    _, section = read("docs/operations.md").split("\n## Log lines\n")
    section, _ = section.split("\n## ", 1)
    cells = re.findall(r"^\| (.*?) \|", section, re.M)
    told = {name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)}

    assert sorted(told - set(logged_events())) == []


def rooms() -> Iterator[str]:
    for layer in (*LAYERS, "sandbox"):
        for folder in sorted((ROOT / layer).iterdir()):
            if folder.is_dir() and folder.name != "__pycache__":
                yield f"{layer}/{folder.name}"


def test_the_rooms_are_those_of_the_folders_in_the_order_of_their_imports() -> None:
    told = re.findall(r"^\| `((?:handlers|kie|supervisor|sandbox)/\w+)` \|", ARCHITECTURE, re.M)

    assert sorted(told) == sorted(rooms())
    for layer, line in LINES.items():
        in_line = [f"{layer}/{room}" for room in line if room.isidentifier()]
        assert [room for room in told if room.startswith(f"{layer}/")] == in_line


def test_each_word_of_the_glossary_stands_there_once() -> None:
    _, glossary = ARCHITECTURE.split("\n## Glossary\n")
    words = re.findall(r"^\| ([a-z -]+) \|", glossary, re.M)[1:]

    assert len(words) == len(set(words)) >= 30


ARCHITECTURE = read("docs/architecture.md")


def test_the_models_and_their_prices_are_those_of_the_catalogue() -> None:
    _, told = read("docs/catalogue.md").split("inputs decide.\n\n")

    assert told == table(shipped().models()), "python -m tests.support.edges.model_table"


def test_the_example_of_a_model_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", read("docs/catalogue.md"), re.S)
    assert block in read("kie/catalogue/models/image.yaml")


def test_the_two_readmes_say_the_same() -> None:
    english, russian = read("README.md"), read("README.ru.md")

    def commands(text: str) -> list[str]:
        blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
        return [line.partition("#")[0].strip() for each in blocks for line in each.splitlines()]

    def links(text: str) -> list[str]:
        return re.findall(r"\]\((?!https?:|README)([^)]+)\)", text)

    assert commands(english) == commands(russian) != []
    assert links(english) == links(russian)
    assert {tag.replace("-en.", "-ru.") for tag in re.findall(r'src="([^"]+)"', english)} == set(
        re.findall(r'src="([^"]+)"', russian)
    )


def test_the_readme_is_short_and_its_pictures_are_small() -> None:
    shown = {name for each in ("README.md", "README.ru.md") for name in pictures(each)}

    assert max(len(read(each).splitlines()) for each in ("README.md", "README.ru.md")) <= 250
    assert {name_of(path) for path in (ROOT / "docs" / "images").iterdir()} == shown
    assert sum((ROOT / name).stat().st_size for name in shown) < 2 * 1024 * 1024


def pictures(document: str) -> list[str]:
    return re.findall(r'src="([^"]+)"', read(document))
