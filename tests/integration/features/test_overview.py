"""/admin on a real database: what an operator sees is what the tables say."""

from dataclasses import replace

from handlers.dialogue.facts import Dialogue, Facts
from handlers.dispatch.feature import Installation, Reading
from handlers.features.desk.overview_facts import Overview, overview
from supervisor.database.transactions import Tx
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from supervisor.telemetry.logs import Redactor
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.talk import read
from tests.support.edges import telegram_updates as telegram

IDENTITY = Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))
SECRET = "kie-secret-0123456789"


def happen(talk: Conversation) -> None:
    """A day of a bot: a sale, a refund, and one error of each kind."""
    talk.rows(
        f"""
        INSERT INTO users (user_id) VALUES (7);
        INSERT INTO generation_jobs
            (id, bot_id, user_id, model, status, input_params, failure, error_message, completed_at)
        VALUES (1, {BOT_ID}, 7, 'z-image', 'success', '{{}}', NULL, NULL, now()),
               (2, {BOT_ID}, 7, 'veo', 'fail', '{{}}', 'broken', 'Internal Error', now()),
               (3, {BOT_ID}, 7, 'veo', 'fail', '{{}}', 'cancelled', 'by the user', now()),
               (4, {BOT_ID}, 7, 'veo', 'fail', '{{}}', 'broken', 'old', now() - interval '8 days'),
               (5, {BOT_ID + 1}, 7, 'veo', 'fail', '{{}}', 'broken', 'another bot', now());
        INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, created_at)
        VALUES ({BOT_ID}, 7, NULL, 'topup', 100, now()),
               ({BOT_ID}, 7, NULL, 'grant', -3, now()),
               ({BOT_ID}, 7, 1, 'reserve', -5, now() - interval '2 days'),
               ({BOT_ID}, 7, 1, 'capture', 0, now()),
               ({BOT_ID}, 7, 1, 'refund', 5, now()),
               ({BOT_ID}, 7, NULL, 'topup', 900, now() - interval '2 days'),
               ({BOT_ID + 1}, 7, NULL, 'topup', 800, now());
        INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error, done_at)
        VALUES ({BOT_ID}, 5, 'message', '{{}}', 'dead', 'KeyError: {SECRET}', now());
        INSERT INTO chats (bot_id, chat_id, reachable) VALUES ({BOT_ID}, 8, FALSE);
        INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, error)
        VALUES ({BOT_ID}, 7, 'answer', '{{}}', 'a', 'failed', 'Bad Request: <b>'),
               ({BOT_ID}, 8, 'answer', '{{}}', 'b', 'failed', 'blocked by the user');
        """
    )


def look(talk: Conversation, tx: Tx, here: Installation) -> Overview:
    facts = Facts(
        read(telegram.message(ADMIN, text="/admin")), "en", Dialogue(), talk.current_shop()
    )
    return overview(Reading(tx, here, facts, None))


def test_the_numbers_are_those_of_this_bot_and_this_day(talk: Conversation) -> None:
    happen(talk)
    redactor = Redactor()
    redactor.learn([Secret(SECRET)])
    health = Health(SystemClock(), mode="polling", instance_id="x", version="0")
    health.phase_changed(Phase.ACTIVE, epoch=1, reason="won")
    health.report("kie", f"refused {SECRET}")

    with talk.database.transaction() as tx:
        here = replace(talk.installation, identity=IDENTITY, health=health, clean=redactor.clean)
        seen = look(talk, tx, here)

    assert [(each.kind, each.error) for each in seen.recent_errors] == [
        ("delivery", "Bad Request: <b>"),
        ("job", "veo: broken: Internal Error"),
        ("update", "KeyError: ***"),
    ]
    assert seen.troubles == {"kie": "refused ***"}
    assert seen.queue == {
        **{"updates": 0, "jobs": 0, "deliveries": 0, "set_aside": 1, "receipts": 0}
    }


def test_kies_credits_last_as_long_as_the_latest_jobs_say(talk: Conversation) -> None:
    happen(talk)
    talk.rows(
        f"""
        UPDATE generation_jobs SET credits_consumed = 10, completed_at = now() - interval '12 hours'
        WHERE id IN (1, 2);
        INSERT INTO kie_balances (bot_id, credits, answered_at)
        VALUES ({BOT_ID}, 80, now() - interval '2 minutes');
        """
    )

    with talk.database.transaction() as tx:
        found = look(talk, tx, talk.installation).kie

    assert found is not None
    assert (found.credits, round(found.age / 60), round(found.days or 0)) == (80, 2, 2)


def test_of_each_kind_only_the_latest_errors_are_shown(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error)"
        " SELECT %s, n, 'message', '{}', 'dead', 'error ' || n FROM generate_series(1, 50) AS n",
        BOT_ID,
    )

    with talk.database.transaction() as tx:
        seen = look(talk, tx, talk.installation)

    assert [each.error for each in seen.recent_errors] == ["error 50", "error 49", "error 48"]


def test_an_operator_asks_and_a_stranger_learns_nothing(talk: Conversation) -> None:
    happen(talk)

    with talk.dispatching(), talk.sending():
        talk.put(telegram.message(ADMIN, text="/admin"), telegram.message(9, text="/admin"))
        sent = talk.until(
            lambda: len(found := talk.telegram.sent("send_message")) == 2 and found, "two answers"
        )

    texts = {each["chat_id"]: each["text"] for each in sent}
    assert "Nobody works" in texts[ADMIN]
    assert "Bad Request: &lt;b&gt;" in texts[ADMIN]
    assert "Nobody works" not in texts[9]
    assert "Bad Request" not in texts[9]


def test_foreign_words_cannot_forge_a_line_of_the_screen(talk: Conversation) -> None:
    forged = "failed\n🟢 all is well\x1b[2J\u202egnihton"
    talk.rows(
        "INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error)"
        " VALUES (%s, 1, 'message', '{}', 'dead', %s)",
        *(BOT_ID, forged),
    )

    with talk.database.transaction() as tx:
        seen = look(talk, tx, talk.installation)

    (error,) = seen.recent_errors
    assert error.error == "failed\\n🟢 all is well\\x1b[2J\\u202egnihton"
