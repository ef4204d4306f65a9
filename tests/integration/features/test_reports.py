"""Pictures and exports on a real PostgreSQL: asked for in the chat, made by the service, sent."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event
from typing import Any

import pytest

from handlers.features.report import charts, exports, requests
from handlers.features.report.charts import NotDrawn
from handlers.features.report.requests import Requests
from supervisor.runtime.threads import ServiceThread
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within

MONTH = f"{datetime.now(UTC):%Y-%m}"
PNG = b"\x89PNG\r\n\x1a\n"


@contextmanager
def reporting(talk: Conversation) -> Iterator[None]:
    """Dispatcher, service and sender."""
    service = ServiceThread("reports", Requests(talk.parts()).run)
    with talk.dispatching(), talk.sending():
        service.start(talk.term, talk.gate)
        try:
            yield
        finally:
            service.stop()
            assert within(service.join, 20)
    assert service.failure is None


def sent(talk: Conversation, method: str) -> list[dict[str, Any]]:
    return talk.telegram.sent(method)


def entries(talk: Conversation, count: int, note: str | None = None) -> None:
    talk.rows("INSERT INTO users (user_id) VALUES (7) ON CONFLICT DO NOTHING")
    talk.rows(
        "INSERT INTO ledger (bot_id, user_id, kind, amount, note)"
        " SELECT %s, 7, 'topup', 5, %s FROM generate_series(1, %s)",
        *(BOT_ID, note, count),
    )


def ask(talk: Conversation, kind: str) -> Any:
    talk.rows(
        "INSERT INTO report_requests (bot_id, chat_id, request_key, kind, language, month)"
        " VALUES (%s, %s, %s, %s, 'en', %s)",
        *(BOT_ID, ADMIN, f"k:{kind}", kind, f"{MONTH}-01"),
    )


def look(talk: Conversation) -> bool:
    return Requests(talk.parts()).look(talk.term, Event())


def documents(talk: Conversation) -> list[list[list[str]]]:
    rows = talk.rows("SELECT content FROM made_files ORDER BY id")
    texts = [bytes(row["content"]).decode("utf-8-sig") for row in rows]
    return [list(csv.reader(io.StringIO(text))) for text in texts]


def test_money_is_answered_at_once_and_its_picture_follows_as_a_photo(talk: Conversation) -> None:
    entries(talk, 3)
    talk.put(telegram.message(ADMIN, text="/money 7"))
    with reporting(talk):
        (photo,) = talk.until(lambda: sent(talk, "send_photo"), "the picture")

    assert "By hand: 15 credits" in sent(talk, "send_message")[0]["text"]
    assert photo["chat_id"] == ADMIN
    assert photo["photo"].input_file_content.startswith(PNG)
    assert photo["caption"] == "Money in $, 7 days (UTC)"
    assert talk.rows("SELECT 1 FROM report_requests") == []


def test_an_export_comes_as_a_document_with_a_harmless_formula(talk: Conversation) -> None:
    entries(talk, 2, note='=HYPERLINK("http://x")')
    talk.put(telegram.press(f"export||{MONTH}:ledger", ADMIN))
    with reporting(talk):
        (sheet,) = talk.until(lambda: sent(talk, "send_document"), "the document")

    assert sheet["document"].filename == f"ledger-{MONTH}.csv"
    content = sheet["document"].input_file_content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["kind"], row["amount"], row["note"][0]) for row in rows] == [
        ("topup", "5", "'")
    ] * 2
    assert "2\u00a0rows" in sheet["caption"]


@pytest.mark.parametrize("kind", exports.KINDS)
def test_a_month_without_rows_is_told(talk: Conversation, kind: str) -> None:
    ask(talk, kind)
    assert look(talk)
    (row,) = talk.rows("SELECT payload ->> 'text' AS text FROM deliveries")

    assert "there is nothing in that month" in row["text"]
    assert not look(talk)


def test_a_long_export_is_made_in_parts_and_a_crash_repeats_and_loses_none(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 10)
    monkeypatch.setattr(exports, "PART_BYTES", 1)
    entries(talk, 25)
    # Entries of other months stay out.
    talk.rows("UPDATE ledger SET created_at = now() - interval '40 days' WHERE id = 1")
    ask(talk, "ledger")
    assert look(talk)
    # The process ends after the part was made, and before it is recorded: nothing is sent twice.
    stopped = Event()
    stopped.set()
    Requests(talk.parts()).look(talk.term, stopped)
    while look(talk):
        pass

    parts = documents(talk)
    numbers = [int(row[0]) for part in parts for row in part[1:]]
    assert numbers == list(range(2, 26))
    assert [len(part) - 1 for part in parts] == [10, 10, 4]
    keys = talk.rows("SELECT payload -> 'urls' ->> 0 AS url FROM deliveries ORDER BY id")
    assert [row["url"].partition("/")[2] for row in keys] == [
        f"ledger-{MONTH}-{number}.csv" for number in (1, 2, 3)
    ]


def test_payments_in_stars_and_by_hand_are_one_list_in_order(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 2)
    talk.rows("INSERT INTO users (user_id) VALUES (7)")
    for number in range(3):
        talk.rows(
            "INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state)"
            " VALUES (%s, %s, 7, 50, 100, 'credited')",
            *(BOT_ID, f"c{number}"),
        )
        talk.rows(
            "INSERT INTO topups (bot_id, user_id, credits, money_text, file_unique_id, file_id,"
            " state, decided_at) VALUES (%s, 7, 100, '99 ₽', 'u', 'f', 'approved', now())",
            BOT_ID,
        )
    ask(talk, "payments")
    assert look(talk)

    (sheet,) = documents(talk)
    assert [row[0] for row in sheet] == ["how", *["stars", "hand"] * 3]


def test_of_several_pictures_of_a_chat_only_the_latest_is_drawn(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []

    def render(chart: charts.Chart, *_: Any) -> bytes:
        drawn.append(chart["title"])
        return PNG

    monkeypatch.setattr(charts, "render", render)
    for count in (7, 30):
        talk.rows(
            "INSERT INTO report_requests (bot_id, chat_id, request_key, kind, language, days)"
            " VALUES (%s, %s, %s, 'money', 'ru', %s)",
            *(BOT_ID, ADMIN, f"k{count}", count),
        )
    while look(talk):
        pass

    assert drawn == ["Деньги в $, 30 дней"]
    assert talk.rows("SELECT 1 FROM report_requests") == []


def test_a_picture_that_cannot_be_drawn_is_given_up_and_told(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> bytes:
        raise NotDrawn("no room")

    monkeypatch.setattr(charts, "render", fails)
    talk.rows(
        "INSERT INTO report_requests (bot_id, chat_id, request_key, kind, language, days)"
        " VALUES (%s, %s, 'k', 'stats', 'en', 7)",
        *(BOT_ID, ADMIN),
    )
    for _ in range(requests.MOST_TRIES):
        with pytest.raises(NotDrawn):
            look(talk)
    assert look(talk)

    (row,) = talk.rows("SELECT payload ->> 'text' AS text FROM deliveries")
    assert "could not be drawn" in row["text"]
    assert not look(talk)


def test_a_process_that_draws_ends_with_the_term(talk: Conversation) -> None:
    stopped = Event()
    stopped.set()
    chart = {"title": "x", "days": ["1"], "panels": []}

    with pytest.raises(NotDrawn, match="the term ended"):
        charts.render(chart, talk.clock, stopped)


def test_what_the_drawing_process_says_is_why_it_failed(talk: Conversation) -> None:
    with pytest.raises(NotDrawn, match="exit code 1: KeyError"):
        charts.render({"days": []}, talk.clock, Event())


def test_a_request_in_a_language_that_this_version_does_not_speak_is_made_in_english(
    talk: Conversation,
) -> None:
    entries(talk, 3)
    ask(talk, "ledger")
    talk.rows("UPDATE report_requests SET language = 'xx' RETURNING id")

    assert look(talk)
    assert talk.rows("SELECT 1 FROM report_requests") == []
    (made,) = talk.rows("SELECT payload->>'caption' AS caption FROM deliveries")
    assert made["caption"]
