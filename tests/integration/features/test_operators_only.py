"""Every button, step and command of operators, pressed by a stranger and by a former operator:
nothing changes, and nothing of the installation is shown."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from handlers.features import FEATURES
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.star_payments import handled, known
from tests.support.edges import telegram_updates as telegram

STRANGER, FORMER, VICTIM = 9, 8, 7
#: What an operator's dialogue keeps in each step.
ANSWERS: dict[str, dict[str, Any]] = {
    "booking": {
        **{"kind": "grant", "target": VICTIM, "amount": 5, "note": None, "name": "x"},
        **{"user": VICTIM, "balance": 100, "moves": 5, "model": "z-image"},
    },
    "person_amount": {"user": VICTIM, "name": "x", "balance": 100, "sign": 1},
    "receipt_amount": {"receipt": 1},
    "letter": {"user": VICTIM, "name": "x"},
    "price_typed": {"what": "markup"},
    "pricing": {"kind": "pack", "model": "", "value": 100, "stars": 50, "money_text": ""},
}
ARGUMENTS = ("", "1", str(VICTIM), "1:used", "grant")
WORDS = ("", f"{VICTIM} 5", "1", "z-image off", "new FOXES 5 5", "markup 2", "on")
_PHOTO = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]}
_ORIGIN = {"forward_origin": {"type": "hidden_user", "sender_user_name": "Anna", "date": 1}}
#: What a step may take, and messages of that kind.
CONTENTS: dict[str, tuple[dict[str, Any], ...]] = {
    "text": ({"text": "5"}, {"text": "x"}),
    "media": (_PHOTO,),
    "other": ({"dice": {"emoji": "🎲", "value": 3}},),
    "forwarded": ({"text": "x", **_ORIGIN},),
}
#: What everybody may press or send in a feature that operators have a part of.
EVERYBODYS = {
    *("paysupport_leave", "paysupport:text", "paysupport:media"),
    *("by_hand", "receipt_pack", "receipt_go_on", "receipt_leave", "doubt_yes", "doubt_no"),
    *("receipt:text", "receipt:media", "receipt:other"),
    # Whoever was an operator leaves the step, and nothing is done.
    *("amount_leave", "letter_leave"),
    *("news_off", "news_on"),
}
#: What operators change.
TABLES = (
    *("accounts", "ledger", "payments", "topups", "packs", "tariffs", "promos", "maintenance"),
    *("admin_acts", "withdrawn_models", "alarms", "users"),
)


def answers(feature: Any) -> Iterator[Any]:
    yield from feature.buttons.values()
    yield from feature.operator_commands.values()
    for step in feature.steps.values():
        yield from step.buttons.values()
        yield from (each for each in (step.text, step.media, step.other, step.forwarded) if each)


OPERATED = [each for each in FEATURES if any(answer.operators for answer in answers(each))]


@pytest.fixture
def talk(talk: Conversation) -> Conversation:
    for user in (ADMIN, STRANGER, FORMER, VICTIM):
        known(talk, user)
    talk.rows(
        f"""
        INSERT INTO ledger (bot_id, user_id, kind, amount)
        VALUES ({BOT_ID}, {VICTIM}, 'grant', 100);
        INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id)
        VALUES ({BOT_ID}, {VICTIM}, 80, 'u', 'f');
        INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state, number)
        VALUES ({BOT_ID}, 'c', {VICTIM}, 50, 100, 'credited', 1);
        INSERT INTO admin_acts (bot_id, admin, act, target, before, after, user_id)
        VALUES ({BOT_ID}, {FORMER}, 'grant', '{VICTIM}', '0', '100', {VICTIM});
        INSERT INTO telegram_updates (bot_id, update_id, kind, body, state, error)
        VALUES ({BOT_ID}, 5, 'message', '{{}}', 'dead', 'KeyError');
        INSERT INTO maintenance (bot_id, until, begun_by)
        VALUES ({BOT_ID}, now() + interval '1 hour', {ADMIN});
        """
    )
    return talk


def seen(talk: Conversation) -> dict[str, str]:
    """A digest of each table that operators change."""
    found = {
        table: talk.rows(
            "SELECT md5(coalesce(string_agg(to_jsonb(t)::text, '|' ORDER BY to_jsonb(t)::text),"
            f" '')) AS d FROM {table} AS t"
        )[0]["d"]
        for table in TABLES
        if table not in {"accounts", "users"}
    }
    people = "SELECT md5(string_agg(concat(user_id, balance, banned), '|' ORDER BY user_id)) AS d"
    found["accounts"] = talk.rows(f"{people} FROM accounts")[0]["d"]
    dead = "SELECT count(*)::text AS d FROM telegram_updates WHERE state = 'dead'"
    found["dead"] = talk.rows(dead)[0]["d"]
    return found


def in_step(talk: Conversation, user: int, step: str) -> int:
    """The user was in this step of operators; returns its version."""

    (row,) = talk.rows(
        "INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)"
        " VALUES (%s, %s, %s, %s, 5, %s) ON CONFLICT (bot_id, chat_id, user_id) DO UPDATE"
        " SET step = EXCLUDED.step, answers = EXCLUDED.answers, version = dialogues.version + 1"
        " RETURNING version",
        *(BOT_ID, user, user, step, json.dumps(ANSWERS.get(step, {}))),
    )
    return int(row["version"])


def free(feature: Any, user: int) -> Iterator[dict[str, Any]]:
    """Buttons that are valid at any time, and commands."""
    for name, answer in feature.buttons.items():
        if answer.operators:
            yield from (telegram.press(f"{name}||{each}", user) for each in ARGUMENTS)
    for name in feature.operator_commands:
        yield from (telegram.message(user, text=f"/{name} {each}") for each in WORDS)


def of_steps(talk: Conversation, feature: Any, user: int) -> Iterator[dict[str, Any]]:
    """Buttons and texts of steps; the user is put into the step before each."""
    for name, step in feature.steps.items():
        if user == ADMIN and name not in ANSWERS:
            continue  # an operator is never there without its answers
        for action, answer in step.buttons.items():
            for argument in ARGUMENTS if answer.operators else ():
                version = in_step(talk, user, name)
                yield telegram.press(f"{action}|{version}|{argument}", user)
        for kind, contents in CONTENTS.items():
            taken = getattr(step, kind)
            for content in contents if taken is not None and taken.operators else ():
                in_step(talk, user, name)
                yield telegram.message(user, **content)


def try_everything(talk: Conversation, feature: Any, *users: int) -> int:
    tried = 0

    def done() -> bool:
        waiting = talk.rows("SELECT attempts, error FROM telegram_updates WHERE state = 'new'")
        assert not any(each["attempts"] for each in waiting), waiting
        return not waiting

    with talk.dispatching():
        for user in users:
            updates = list(free(feature, user))
            talk.put(*updates)
            talk.until(done, "handled")
            tried += len(updates)
            for update in of_steps(talk, feature, user):
                talk.put(update)
                talk.until(done, "handled")
                tried += 1
    return tried


def open_to_all(feature: Any) -> Iterator[str]:
    """Buttons, and contents of steps, that need no operator."""
    buttons = {**feature.buttons, **{f"/{k}": v for k, v in feature.operator_commands.items()}}
    for name, step in feature.steps.items():
        buttons |= step.buttons
        taken = ((kind, getattr(step, kind)) for kind in CONTENTS)
        buttons |= {f"{name}:{kind}": each for kind, each in taken if each is not None}
    yield from (name for name, answer in buttons.items() if not answer.operators)


def test_a_new_button_of_operators_is_theirs_alone() -> None:
    """What is not marked as theirs is named here, so the test below tries everything else."""
    assert {name for feature in OPERATED for name in open_to_all(feature)} == EVERYBODYS


@pytest.mark.parametrize("feature", OPERATED, ids=lambda each: str(each.name))
def test_nobody_else_changes_or_sees_anything(talk: Conversation, feature: Any) -> None:
    before = seen(talk)

    tried = try_everything(talk, feature, STRANGER, FORMER)

    assert tried > 5
    assert seen(talk) == before
    told = talk.rows(
        "SELECT payload::text AS said FROM deliveries WHERE chat_id IN (%s, %s)",
        *(STRANGER, FORMER),
    )
    for secret in (f"<code>{VICTIM}</code>", "KeyError", "ACTIVE", "Balance: 100"):
        assert not any(secret in each["said"] for each in told), secret
    assert talk.rows("SELECT 1 FROM deliveries WHERE chat_id = %s", VICTIM) == []


def test_an_operator_who_presses_the_same_changes_much(talk: Conversation) -> None:
    """So the test above can fail."""
    before = seen(talk)
    for feature in OPERATED:
        try_everything(talk, feature, ADMIN)
    after = seen(talk)

    changed = {name for name in before if before[name] != after[name]}
    assert {"accounts", "ledger", "topups", "promos", "admin_acts", "maintenance"} <= changed
    assert {"withdrawn_models", "payments"} <= changed


def test_an_act_of_somebody_who_is_no_operator_is_not_recorded(talk: Conversation) -> None:
    shop = replace(talk.current_shop(), admins=frozenset())
    talk.current_shop._shop = shop
    before = seen(talk)

    handled(talk, telegram.press("maintenance_off||", ADMIN))

    assert seen(talk) == before
