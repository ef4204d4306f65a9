"""Whoever is forgotten leaves no word, no name and no file id in any table, nor a file."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handlers.delivery import pacing
from handlers.features.privacy import copier
from handlers.features.privacy.eraser import Eraser
from handlers.features.privacy.service import PrivacyService
from kie.files.result_store import ResultStore
from kie.money import invites, ledger
from supervisor.runtime.secret import Secret
from tests.support.chats import whole_life
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.self_check import differences
from tests.support.chats.whole_life import LINK, USER, handled, live, pressed, said, traces
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.mortal_database import Crash, MortalDatabase

#: Every column that can hold words, and why it holds none of a user who was forgotten. A new column
#: belongs here: either the eraser deletes what is in it, or it can hold nothing of a user.
ERASED = {
    *("users.username", "users.first_name", "users.language", "users.last_language_code"),
    *("generation_jobs.input_params", "generation_jobs.result_url", "generation_jobs.result_urls"),
    *("generation_jobs.result_text", "generation_jobs.result_songs", "generation_jobs.language"),
    *("generation_jobs.error_message", "generation_jobs.request_key"),
    *("orphan_callbacks.payload", "telegram_updates.body", "telegram_updates.error"),
    *("dialogues.step", "dialogues.answers"),
    *("deliveries.payload", "deliveries.error", "deliveries.file_id", "deliveries.dedupe_key"),
    *("group_switches.language", "group_wishes.model", "group_wishes.inputs"),
    *("group_wishes.request_key", "model_refusals.model", "data_requests.language"),
    *("waitlist.model", "former_names.name"),
    *("accounts.language", "accounts.last_language_code", "accounts.invite_code"),
    *("accounts.free_before", "topups.file_id", "topups.file_unique_id", "ledger.note"),
    *("subscriptions.payload", "subscriptions.charge_id", "subscriptions.state"),
    *("topups.album", "topups.other_files", "requisites_shown.money_text", "discounts.code"),
    *("admin_acts.before", "admin_acts.after", "made_files.content"),
    "broadcasts.content",
    *("forgettings.language", "forgettings.stage", "forgettings.free_used"),
}
#: Numbers of rows, names of models, states and codes of our own, and what operators wrote of none.
NOTHING_OF_USERS = {
    *("schema_version.checksum", "webhooks.fingerprint"),
    *("generation_jobs.task_id", "generation_jobs.model", "generation_jobs.status"),
    *("generation_jobs.failure", "generation_jobs.reported_by", "generation_jobs.trace"),
    *("orphan_callbacks.task_id", "telegram_updates.kind", "telegram_updates.state"),
    *("updates_begun.worker", "deliveries.kind", "deliveries.state", "deliveries.owed"),
    *("deliveries.trace", "withdrawn_models.model", "withdrawn_models.reason"),
    *("ledger.kind", "ledger.request_key", "lock_epochs.instance_id", "lock_epochs.end_reason"),
    *("packs.money_text", "tariffs.kind", "tariffs.model", "payments.charge_id"),
    *("payments.state", "topups.money_text", "topups.state", "topups.reason", "promos.code"),
    *("orders.discount", "group_languages.language"),
    *("promo_uses.code", "campaigns.name", "forgotten_people.person"),
    *("forgotten_people.free_used", "money_days.hand_prices", "money_days.models"),
    *("money_days.durations", "invites.taken_for", "admin_acts.act", "admin_acts.target"),
    *("report_requests.request_key", "report_requests.kind", "report_requests.language"),
    *("broadcasts.state", "broadcasts.audience", "broadcast_receivers.outcome"),
    *("alarms.key", "alarms.over", "alarms.place", "cost_runs.model"),
    *("looks_begun.jobs", "looks_begun.seen", "installations.operators"),
}


ROOT = Path(__file__).resolve().parents[3]
KILLED = """
import json, os, signal, sys, uuid
from pathlib import Path
from handlers.delivery import pacing
from handlers.features.privacy.eraser import Eraser
from kie.files.result_store import ResultStore
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from tests.support.chats.conversation import Conversation
dsn, epoch, token, folder, left = json.loads(sys.argv[1])
Conversation.new_term = lambda self: (Term(epoch, uuid.UUID(token)), None)
talk = Conversation(Secret(dsn))
def between():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return True
files = ResultStore(Path(folder), None)
eraser = Eraser(talk.parts(remove_files=files.remove), between)
for asked in eraser.asked():
    eraser.go_on(talk.term, asked)
"""


@pytest.fixture
def talk(dsn: Secret, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversation]:
    """A bot that need not pace what it sends."""
    monkeypatch.setattr(pacing, "PRIVATE_RATE", 1000.0)
    made = Conversation(dsn)
    with made.storing(), made.dispatching(), made.sending():
        yield made
    made.close()


def wants_to_be_forgotten(talk: Conversation) -> None:
    handled(talk, pressed("forget_me||"))
    for action in ("forget_on", "forget_now"):
        (row,) = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", USER)
        handled(talk, pressed(f"{action}|{row['version']}|"))


def service(talk: Conversation, **parts: Any) -> tuple[PrivacyService, Eraser]:
    made = talk.parts(**parts)
    return PrivacyService(made), Eraser(made)


def forgotten(talk: Conversation, **parts: Any) -> None:
    """The service looks until nobody waits."""
    serving, eraser = service(talk, **parts)
    talk.until(lambda: not serving.look(talk.term, eraser), "nobody waits")


def test_nothing_is_left_after_a_kill_in_the_middle_and_the_books_are(
    talk: Conversation, dsn: Secret, tmp_path: Path
) -> None:
    live(talk)
    store = ResultStore(tmp_path, Downloads())
    store.fetch(LINK, 1000)
    assert store.has(LINK)
    # The traps work: the life has left something in many places.
    assert len({each.partition(":")[0] for each in traces(talk)}) >= 10
    before = talk.rows("SELECT sum(amount)::int AS n FROM ledger WHERE amount > 0")
    wants_to_be_forgotten(talk)
    words = json.dumps([dsn.reveal(), talk.term.epoch, str(talk.term.token), str(tmp_path), 3])
    done = subprocess.run([sys.executable, "-c", KILLED, words], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert talk.rows("SELECT stage FROM forgettings") == [{"stage": "erasing"}]
    assert traces(talk) != []

    forgotten(talk, remove_files=store.remove)

    assert traces(talk) == []
    assert list(tmp_path.iterdir()) == []
    assert talk.rows("SELECT 1 FROM forgettings") == []
    assert "everything about you is deleted" in str(talk.telegram.sent("send_message")[-1]["text"])
    # Accounting stays, and the account is even.
    assert talk.rows("SELECT sum(amount)::int AS n FROM ledger WHERE amount > 0") == before
    assert talk.rows("SELECT sum(amount)::int AS n FROM ledger") == [{"n": 0}]
    assert talk.rows("SELECT 1 FROM topups WHERE user_id = %s", USER)
    assert talk.rows("SELECT 1 FROM accounts WHERE user_id = %s", USER) == []
    assert differences(talk) == []


def test_every_column_that_can_hold_words_is_known_and_is_erased(talk: Conversation) -> None:
    columns = talk.rows(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        " AND data_type IN ('text', 'jsonb', 'json', 'bytea', 'ARRAY', 'character varying')"
    )
    known = ERASED | NOTHING_OF_USERS
    assert {row["name"] for row in columns if row["name"] != "updates_begun.seqs"} == known

    live(talk)
    wants_to_be_forgotten(talk)
    # What no part of the bot writes today, a later one may.
    never = {
        "users",
        "broadcasts",
        "former_names",
        "made_files",
        "forgettings",
        "deliveries",
        "accounts",
        "orphan_callbacks",
        "data_requests",
        "requisites_shown",
        "discounts",
    }
    bound = {"dialogues.step", "telegram_updates.body", "generation_jobs.request_key"}
    whole_life.stuffed(
        talk, sorted(each for each in ERASED - bound if each.partition(".")[0] not in never)
    )
    forgotten(talk)

    assert traces(talk) == []


def test_what_has_begun_is_finished_wherever_the_process_ended(
    talk: Conversation, dsn: Secret
) -> None:
    live(talk)
    wants_to_be_forgotten(talk)
    mortal = MortalDatabase(dsn, talk.wakeups)
    serving, eraser = service(talk, database=mortal)
    ends = 0
    try:
        for left in range(1, 200):
            mortal.fate.left = left
            try:
                if not serving.look(talk.term, eraser):
                    break
                whole_life.quiet(talk)
            except Crash:
                ends += 1
        else:
            raise AssertionError("never finished")
    finally:
        mortal.close()

    assert ends >= 10
    assert traces(talk) == []
    assert differences(talk) == []
    kinds = talk.rows("SELECT 1 FROM ledger WHERE kind = 'forgotten'")
    assert len(kinds) == 1


def test_running_jobs_end_first_and_are_delivered_and_paid(talk: Conversation) -> None:
    live(talk)
    number = whole_life.order(talk, "last", 5)
    wants_to_be_forgotten(talk)
    serving, eraser = service(talk)
    assert serving.look(talk.term, eraser)
    assert talk.rows("SELECT stage FROM forgettings") == [{"stage": "waiting"}]

    whole_life.ends(talk, number)
    forgotten(talk)

    assert traces(talk) == []
    captured = "SELECT 1 FROM ledger WHERE job_id = %s AND kind = 'capture'"
    assert len(talk.rows(captured, number)) == 1


def test_a_ban_free_results_and_no_news_outlive_it_and_a_stranger_is_new(
    talk: Conversation,
) -> None:
    live(talk)
    talk.rows(
        "UPDATE accounts SET banned = TRUE, news_off_at = now(), first_seen = '2026-01-01'"
        " WHERE user_id = %s",
        USER,
    )
    wants_to_be_forgotten(talk)
    forgotten(talk)
    kept = talk.rows("SELECT encode(person, 'escape') AS person FROM forgotten_people")
    assert len(kept) == 1
    assert str(USER) not in kept[0]["person"]

    handled(talk, said("/start"), telegram.message(USER + 1, text="/start"))

    def account(user: int) -> tuple[bool, bool, int]:
        (row,) = talk.rows(
            "SELECT banned, news_off_at IS NOT NULL AS quiet,"
            " extract(year FROM first_seen)::int + extract(doy FROM first_seen)::int AS since"
            " FROM accounts WHERE user_id = %s",
            user,
        )
        return row["banned"], row["quiet"], row["since"]

    assert account(USER) == (True, True, 2027)
    assert account(USER + 1)[:2] == (False, False)
    with talk.database.transaction() as tx:
        found = ledger.accounts(tx, BOT_ID, [USER, USER + 1])
    assert found[USER].free_used == {"z-image": 1}
    assert found[USER + 1].free_used == {}
    assert talk.rows("SELECT 1 FROM forgotten_people") == []


def test_whoever_was_forgotten_comes_by_no_link_as_a_new_user(talk: Conversation) -> None:
    handled(talk, said("/start"), telegram.message(USER + 1, text="/start"))
    with talk.database.transaction(talk.term) as tx:
        code = invites.of(tx, talk.installation.identity, USER + 1).code
        assert invites.make_campaign(tx, BOT_ID, "autumn")
    wants_to_be_forgotten(talk)
    forgotten(talk)

    handled(talk, said("/start c_autumn"))
    assert talk.rows("SELECT visits, new FROM campaigns") == [{"visits": 1, "new": 0}]
    talk.rows("DELETE FROM dialogues WHERE user_id = %s RETURNING user_id", USER)
    handled(talk, said(f"/start r_{code}"))
    assert talk.rows("SELECT friend FROM invites") == []


def test_a_user_who_never_paid_leaves_no_number(talk: Conversation) -> None:
    handled(talk, said("/start"), said("a zebra"))
    whole_life.job(talk, "free", 0)
    wants_to_be_forgotten(talk)
    forgotten(talk)

    assert talk.rows("SELECT 1 FROM users WHERE user_id = %s", USER) == []
    costs = talk.rows("SELECT user_id, input_params, status FROM generation_jobs")
    assert costs == [{"user_id": 0, "input_params": None, "status": "success"}]


def test_credits_that_arrive_meanwhile_are_not_lost(talk: Conversation) -> None:
    live(talk)
    wants_to_be_forgotten(talk)
    serving, eraser = service(talk)
    stops = iter([True, True, False])
    early = Eraser(talk.parts(), lambda: next(stops))
    (asked,) = early.asked()
    assert not early.go_on(talk.term, asked)
    with talk.database.transaction(talk.term) as tx:
        assert ledger.book(tx, BOT_ID, USER, "topup", 50, note=None, key="late") is not None

    forgotten(talk)

    (row,) = talk.rows("SELECT balance, language FROM accounts WHERE user_id = %s", USER)
    assert row == {"balance": 50, "language": None}
    assert traces(talk) == []
    assert differences(talk) == []


def test_data_comes_as_one_document_once_a_day_and_does_not_stay(talk: Conversation) -> None:
    live(talk)
    handled(talk, pressed("my_data||"))
    serving, eraser = service(talk)
    serving.look(talk.term, eraser)
    whole_life.quiet(talk)

    document = talk.telegram.sent("send_document")[-1]["document"]
    assert document.filename == "my-data.json"
    found = json.loads(document.input_file_content)
    assert found["account"]["username"] == "wordsmith_zoe"
    assert {each["input_params"]["prompt"] for each in found["requests"]} == {
        *("zebra paid", "zebra free", "zebra failed")
    }
    assert [each["kind"] for each in found["credits"]]
    assert found["receipts"][0]["file_id"] == "zebra-photo"
    assert any("where are my zebra" in json.dumps(each) for each in found["from_you"])
    kept = talk.rows("SELECT payload FROM deliveries WHERE dedupe_key LIKE 'my-data:%%'")
    assert ["text" in row["payload"] for row in kept] == [False]

    handled(talk, pressed("my_data||"))
    serving.look(talk.term, eraser)
    whole_life.quiet(talk)
    assert len(talk.telegram.sent("send_document")) == 1
    assert "after midnight" in talk.telegram.sent("send_message")[-1]["text"]


class Downloads:
    """Stands behind every link."""

    def download_to(self, url: str, write: Any, limit: int) -> None:
        write(b"a zebra")

    def download(self, url: str, limit: int) -> bytes:
        return b"a zebra"

    def file_info(self, url: str) -> None:
        return None


def test_whoever_spoke_a_language_of_a_newer_version_is_forgotten_and_gets_the_data(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(USER, text="/start"))
    talk.until(lambda: talk.rows("SELECT 1 FROM accounts WHERE user_id = %s", USER), "known")
    for table, more in (("data_requests", "asked_on"), ("forgettings", "asked_at")):
        talk.rows(
            f"INSERT INTO {table} (bot_id, user_id, language, {more})"
            " VALUES (%s, %s, 'xx', now()) RETURNING user_id",
            *(BOT_ID, USER),
        )
    (wanted,) = talk.rows("SELECT * FROM data_requests")
    copier.give(talk.parts(), talk.term, wanted)
    eraser = Eraser(talk.parts())
    (asked,) = eraser.asked()

    assert asked["language"] == "en"
    talk.until(lambda: eraser.go_on(talk.term, eraser.asked()[0]), "forgotten", 30)
