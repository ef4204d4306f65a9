"""A third language is a file: a toy one, put beside the code, is spoken everywhere."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from handlers.words.texts import plain

ROOT = Path(__file__).resolve().parents[3]
TOY = """
from handlers.words.languages import Language

LANGUAGE = Language(
    code="xx",
    name="Toyish",
    apps=("xx", "xy"),
    forms=("none", "many"),
    form=lambda number: "many" if number else "none",
    sentences={
        "command_start": "beginno",
        "credits": "{n:credits}",
        "credits_none": "no toyos",
        "credits_many": "{n} toyos",
        "free": "gratis",
    },
    catalogue={"Remove Background": "Fonno forigo"},
)
"""
TALK = """
import json, sys
import handlers.words.more as more
more.__path__.append(sys.argv[1])
from handlers.words.texts import LANGUAGES, language_of, plain, without_markup
from tests.support.words.missing_words import missing
from tests.support.chats.talk import ROUTER, SHOP, Talk
from datetime import UTC, datetime
from handlers.features.paying.balance import Booked, Books
from handlers.words import moments
AT = datetime(2026, 3, 5, tzinfo=UTC)
entry = Booked("topup", 5, None, AT)
balance = Talk(loads={"books": Books(booked=(entry,))})
balance.language = "xx"
balance.says("/balance")
talk = Talk()
talk.language = language_of(None, "xy-Q")
talk.says("/start")
rows = ROUTER.places.keyboard("balance", talk.last_facts.spot())
button = next(each.text for row in rows for each in row if "🌐" in each.text)
talk.language = "ru"
talk.says("/start").hear({
    "update_id": 1,
    "callback_query": {
        "id": "q", "chat_instance": "1", "data": "lang||",
        "from": {"id": 7, "is_bot": False, "first_name": "A"},
    },
})
offer = SHOP.offers["recraft/remove-background"]
print(json.dumps({
    "languages": LANGUAGES,
    "of_app": language_of(None, "xy-Q"),
    "chosen": language_of("xx", "ru"),
    "plural": [plain("xx", "credits", n=0), plain("xx", "credits", n=2)],
    "english": plain("xx", "choose_by_button"),
    "commands": dict(ROUTER.commands(SHOP, "xx"))["start"],
    "title": offer.title("xx"),
    "about": SHOP.offers["z-image"].title("xx"),
    "after_russian": talk.language,
    "back": button,
    "dates": [moments.day("xx", AT), moments.midnight("xx"), moments.fraction("xx", 1.5)],
    "balance": without_markup(balance.screen.text),
    "missing": [each for each in missing("xx") if each.startswith("shared: ")][:3],
}))
"""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("more")
    (folder / "xx.py").write_text(TOY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", TALK, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_it_is_found_and_chosen_by_the_app_and_by_the_user(spoken: dict[str, Any]) -> None:
    assert spoken["languages"] == ["en", "ru", "xx"]
    assert spoken["of_app"] == spoken["chosen"] == "xx"
    assert spoken["after_russian"] == "xx"
    assert spoken["back"] == "🌐 English"


def test_its_sentences_plurals_commands_and_titles_are_said(spoken: dict[str, Any]) -> None:
    assert spoken["plural"] == ["no toyos", "2 toyos"]
    assert spoken["commands"] == "beginno"
    assert spoken["title"] == "Fonno forigo"


def test_its_dates_and_numbers_are_written_as_the_english_ones(spoken: dict[str, Any]) -> None:
    assert spoken["dates"] == ["5 Mar", "00:00 UTC", "1.5"]
    assert "5 Mar" in spoken["balance"]


def test_what_it_lacks_is_said_in_english_and_listed(spoken: dict[str, Any]) -> None:
    assert spoken["english"] == plain("en", "choose_by_button")
    assert spoken["about"] == "Z-Image"
    assert len(spoken["missing"]) == 3


def test_a_file_that_holds_no_language_refuses_the_start(tmp_path: Path) -> None:
    (tmp_path / "yy.py").write_text("LANGUAGE = 1\n", encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-c", TALK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "more/yy.py holds no LANGUAGE" in done.stderr
