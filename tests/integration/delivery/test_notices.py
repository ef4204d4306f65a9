"""Notices for operators in the outbox: how often, in which language, and what of a text is kept."""

from handlers.delivery.outbox import MOST_NOTICES, Outbox
from supervisor.runtime.secret import Secret
from supervisor.telemetry.logs import Redactor
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.deliveries import said


def test_operators_get_so_many_notices_an_hour_and_the_last_says_that_there_are_more(
    talk: Conversation,
) -> None:
    def tell(first: int, number: int) -> list[bool]:
        told = []
        for key in range(first, first + number):
            with talk.database.transaction(talk.term) as tx:
                told.append(talk.outbox.notice(tx, f"key:{key}", said(f"text {key}")))
        return told

    written = tell(0, MOST_NOTICES + 10)
    payloads = [row["payload"] for row in talk.rows("SELECT payload FROM deliveries ORDER BY id")]
    texts = [payload["text"] for payload in payloads]
    talk.rows("UPDATE deliveries SET created_at = created_at - interval '61 minutes'")
    after = tell(100, 2)

    assert written == [True] * MOST_NOTICES + [False] * 10
    assert len(texts) == MOST_NOTICES
    assert "text 18" in texts[-2]
    assert "held back" in texts[-1]
    assert [[button[1] for button in row] for row in payloads[-1]["keyboard"]] == [["admin||"]]
    assert after == [True, True]


def of_the_hour_before(talk: Conversation) -> None:
    """What was told a moment ago was told just before the full hour."""
    talk.rows(
        "UPDATE deliveries SET dedupe_key = regexp_replace(dedupe_key, '[0-9]+$', '')"
        " || (floor(extract(epoch FROM now()) / 3600)::bigint - 1)"
    )


def test_a_full_hour_of_the_clock_repeats_nothing(talk: Conversation) -> None:
    with talk.database.transaction(talk.term) as tx:
        assert talk.outbox.notice(tx, "key", said("text"))
    of_the_hour_before(talk)

    with talk.database.transaction(talk.term) as tx:
        assert not talk.outbox.notice(tx, "key", said("text"))


def test_a_full_hour_of_the_clock_lets_no_more_notices_through(talk: Conversation) -> None:
    for key in range(MOST_NOTICES):
        with talk.database.transaction(talk.term) as tx:
            assert talk.outbox.notice(tx, f"key:{key}", said("text"))
    of_the_hour_before(talk)

    with talk.database.transaction(talk.term) as tx:
        assert not talk.outbox.notice(tx, "another", said("text"))


def test_one_operators_full_hour_does_not_silence_another(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key)"
        " SELECT %s, %s, 'notice', '{}', 'notice:held-back:' || n FROM generate_series(1, 30) AS n",
        *(BOT_ID, ADMIN),
    )
    outbox = Outbox(BOT_ID, [ADMIN, ADMIN + 1])

    with talk.database.transaction(talk.term) as tx:
        assert outbox.notice(tx, "key", said("text"))

    rows = talk.rows("SELECT chat_id FROM deliveries WHERE payload->>'text' LIKE '%%text%%'")
    assert rows == [{"chat_id": ADMIN + 1}]


def test_a_notice_holds_no_secret_no_markup_and_is_cut(talk: Conversation) -> None:
    redactor = Redactor()
    redactor.learn([Secret("kie-secret-0123456789")])
    outbox = Outbox(BOT_ID, [ADMIN], redactor.clean)

    with talk.database.transaction(talk.term) as tx:
        outbox.notice(tx, "key", said("kie-secret-0123456789 <b>&" + "x" * 9999))

    (row,) = talk.rows("SELECT payload->>'text' AS text FROM deliveries")
    assert "kie-secret" not in row["text"]
    assert "*** &lt;b&gt;&amp;xxx" in row["text"]
    assert len(row["text"]) < 3200


def test_each_operator_is_told_in_their_own_language(talk: Conversation) -> None:
    outbox = Outbox(BOT_ID, [11, 12, 13])
    talk.rows("SELECT ensure_user(11, 'a', 'A'), ensure_user(12, 'b', 'B')")
    talk.rows("SELECT ensure_account(%s, 11), ensure_account(%s, 12)", BOT_ID, BOT_ID)
    talk.rows("UPDATE accounts SET language = 'ru' WHERE user_id = 11")
    talk.rows("UPDATE accounts SET last_language_code = 'ru-RU' WHERE user_id = 12")

    with talk.database.transaction(talk.term) as tx:
        outbox.notice(tx, "x", lambda language: {"en": "wait", "ru": "ждут"}[language])

    found = talk.rows("SELECT chat_id, payload->>'text' AS text FROM deliveries ORDER BY chat_id")
    assert ["ждут" in row["text"] for row in found] == [True, True, False]
    assert ["оператору" in row["text"] for row in found] == [True, True, False]
    assert "wait" in found[2]["text"]
