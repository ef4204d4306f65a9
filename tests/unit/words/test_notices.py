"""Every notice of ``kie/`` has its sentence in every language; no notice is a finished text."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import sql
from handlers.dialogue.places import Spot
from handlers.features import LAYOUT
from handlers.features.results.news import REMEDIES
from handlers.words.notice_text import refused, text_of
from handlers.words.texts import LANGUAGES, SHARED
from kie.api.notice import Notice, refusal
from kie.api.refusals import OPERATOR
from kie.money.audit import CHECKS, problem_name
from tests.support.chats.talk import ROUTER, SHOP
from tests.support.rooms import ROOT

KIE = ROOT / "kie"
#: What ``money/audit.py`` finds, as its statements call it.
PROBLEMS = sorted(
    {
        problem
        for room in ("money", "money_checks")
        for name, statement in sql.load(room).items()
        if name in CHECKS.values()
        for problem in re.findall(r"'((?:it|its|what|other|a) [a-z ]+)'", statement)
    }
)


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Notice":
            yield node


def written() -> dict[str, set[str]]:
    """The notices that the code names, with their fields."""
    found: dict[str, set[str]] = {}
    for path in KIE.rglob("*.py"):
        for call in calls(path):
            name, *fields = call.args
            if not isinstance(name, ast.Constant):
                continue
            assert all(isinstance(each, ast.Dict) for each in fields), ast.unparse(call)
            keys = [key for each in fields if isinstance(each, ast.Dict) for key in each.keys]
            assert all(isinstance(key, ast.Constant) for key in keys), ast.unparse(call)
            found[str(name.value)] = {
                str(key.value) for key in keys if isinstance(key, ast.Constant)
            }
    return found


NOTICES = {
    **written(),
    **{refusal(reason).name: set[str]() for reason in OPERATOR.values()},
    **{statement: {"id", "problem"} for statement in CHECKS.values()},
    **{problem_name(problem): set[str]() for problem in PROBLEMS},
}


def test_the_notices_of_the_code_are_found() -> None:
    assert {"doubted", "withdrawn", "offered", "cost", "orphans", "ledger"} <= NOTICES.keys()
    assert len(PROBLEMS) >= 19
    dynamic = {
        path.name
        for path in KIE.rglob("*.py")
        for call in calls(path)
        if not isinstance(call.args[0], ast.Constant)
    }
    assert dynamic == {"audit.py", "notice.py"}, "their names are listed above"


@pytest.mark.parametrize("name", NOTICES)
def test_a_notice_has_its_sentence_with_its_fields_in_every_language(name: str) -> None:
    for language in LANGUAGES:
        sentence = SHARED.all(language)[f"alert_{name}"]
        used = {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
        assert used == NOTICES[name], language


def test_numbers_plurals_and_nested_notices_are_written_as_the_language_does() -> None:
    cost = Notice("cost", {"job": "5", "model": "veo", "taken": 7.5, "expected": 0.8})
    ended = Notice("ended_looks", {"n": 4})
    looks = Notice("job_end", {"job": "5", "user": "7", "what": ended})
    lines = tuple(
        Notice("wrong_jobs", {"id": str(number), "problem": Notice(problem_name(PROBLEMS[0]))})
        for number in (1, 2)
    )

    assert "7.5 credits" in text_of(cost, "en")
    assert "7,5 кр." in text_of(cost, "ru")
    assert "4 times" in text_of(looks, "en")
    assert "4 раза" in text_of(looks, "ru")
    ledger = text_of(Notice("ledger", {"n": 2, "lines": lines}), "ru")
    assert "2 расхождения" in ledger
    assert "задание 2: " in ledger


def test_a_foreign_text_is_shortened_and_the_log_has_it_in_english() -> None:
    told = Notice("withdrawn", {"model": "veo", "reason": "gone " * 1000})

    assert len(text_of(told, "ru")) < 1000
    assert str(told).startswith("withdrawn(model=veo, reason=gone gone")


def test_a_refusal_that_has_no_sentence_of_its_own_is_quoted_in_one() -> None:
    assert "kie.ai отказывается" in refused("HTTP 418", "ru")
    assert "HTTP 418" in refused("HTTP 418", "ru")
    assert "кончились кредиты" in refused(OPERATOR[402], "ru")


def test_remedies_are_of_notices_and_of_places() -> None:
    assert REMEDIES.keys() <= NOTICES.keys()
    assert set(REMEDIES.values()) <= LAYOUT.keys()


@pytest.mark.parametrize("place", [each for each in LAYOUT if each.startswith("alarm")])
def test_every_button_of_a_notice_is_offered(place: str) -> None:
    spot = Spot("en", SHOP, model="z-image", number=5, user_id=42)

    shown = [len(row) for row in ROUTER.places.keyboard(place, spot)]

    assert shown == [len(row) for row in LAYOUT[place]]
