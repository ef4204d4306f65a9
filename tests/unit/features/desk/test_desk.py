"""What only operators may do, and that nobody else can, however the update is made up."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue import buttons, incoming, update_reader
from handlers.dialogue.effects import Show
from handlers.dialogue.places import Places
from handlers.features import LAYOUT
from handlers.features.desk import FEATURE, overview
from handlers.features.desk.model_switch import SwitchModel
from handlers.features.desk.overview_facts import KieBalance, Overview, RecentError
from handlers.features.desk.pages import Page
from handlers.features.desk.set_aside import Retry
from handlers.features.desk.words import WORDS as TEXTS
from handlers.words.texts import LANGUAGES, units
from tests.support.chats.talk import ROUTER, SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.rooms import ROOT

ADMIN, STRANGER = 4711, 7
WITH_ADMIN = replace(SHOP, admins=frozenset({ADMIN}))
SEEN = Overview(active={"instance": "vps-1", "epoch": 7, "seconds": 2220.0})
#: Words that make each command do something.
WORDS = {
    "model": "/model z-image off",
    "models": "/models",
    "admin": "/admin",
}

Update = dict[str, Any]


@pytest.mark.parametrize(("action", "on"), [("model_off", False), ("model_on", True)])
def test_the_button_of_a_notice_switches_its_model(action: str, on: bool) -> None:
    talk = Talk(WITH_ADMIN).hear(telegram.press(f"{action}||z-image", ADMIN))
    gone = Talk(WITH_ADMIN).hear(telegram.press(f"{action}||gone", ADMIN))
    stranger = Talk(WITH_ADMIN).hear(telegram.press(f"{action}||z-image", STRANGER))

    assert [each for each in talk.effects if isinstance(each, SwitchModel)] == [
        SwitchModel("z-image", on)
    ]
    assert "not in the catalogue" in gone.toast.text
    assert not [each for each in stranger.effects if isinstance(each, SwitchModel)]


def by_admin(words: str) -> Update:
    return telegram.message(ADMIN, text=words)


def by_stranger(words: str) -> Update:
    return telegram.message(STRANGER, text=words)


def in_a_group(words: str) -> Update:
    update = by_admin(words)
    update["message"]["chat"] = {"id": -5, "type": "supergroup", "title": "x"}
    return update


def edited(words: str) -> Update:
    update = by_admin(words)
    update["edited_message"] = {**update.pop("message"), "edit_date": 2}
    return update


def in_a_channel(words: str) -> Update:
    update = by_admin(words)
    update["channel_post"] = update.pop("message")
    return update


def forwarded_from_the_admin(words: str) -> Update:
    admin = telegram.person(ADMIN)
    origin = {"type": "user", "date": 1, "sender_user": admin}
    return telegram.message(STRANGER, text=words, forward_origin=origin, forward_from=admin)


def answering_the_admin(words: str) -> Update:
    return telegram.message(STRANGER, text=words, reply_to_message=by_admin(words)["message"])


def in_the_admins_chat(words: str) -> Update:
    update = by_stranger(words)
    update["message"]["chat"]["id"] = ADMIN
    return update


def as_the_admin_in_a_strangers_chat(words: str) -> Update:
    update = by_admin(words)
    update["message"]["chat"]["id"] = STRANGER
    return update


def on_behalf_of_a_chat(words: str) -> Update:
    update = by_admin(words)
    update["message"]["sender_chat"] = {"id": -5, "type": "channel", "title": "x"}
    return update


def by_a_bot(words: str) -> Update:
    update = by_admin(words)
    update["message"]["from"]["is_bot"] = True
    return update


def with_the_number_as_text(words: str) -> Update:
    update = by_stranger(words)
    update["message"]["from"]["id"] = str(ADMIN)
    return update


def with_the_admins_name(words: str) -> Update:
    update = by_stranger(f"{words} {ADMIN}")
    update["message"]["from"] |= {"username": str(ADMIN), "first_name": str(ADMIN)}
    return update


FORGED: tuple[Callable[[str], Update], ...] = (
    *(by_stranger, in_a_group, edited, in_a_channel, forwarded_from_the_admin),
    *(answering_the_admin, in_the_admins_chat, as_the_admin_in_a_strangers_chat),
    *(on_behalf_of_a_chat, by_a_bot, with_the_number_as_text, with_the_admins_name),
)


def read(update: Update) -> incoming.Incoming | None:
    try:
        return update_reader.read(json.dumps(update))
    except Exception:  # noqa: BLE001 unreadable is refused, too
        return None


def effects_of(update: Update) -> tuple[Any, ...]:
    found = read(update)
    if found is None:
        return ()
    # The overview is there on purpose: not loading it must not be the only guard.
    loads = {"overview": SEEN}
    return Talk(WITH_ADMIN, loads=loads).hear(update).effects


def acts(effects: tuple[Any, ...]) -> bool:
    """Whether any of this is for operators only."""
    moved = any(isinstance(each, SwitchModel) for each in effects)
    words = ("vps-1", "/model ID", "on the menu")
    return moved or any(word in str(effects) for word in words)


def test_the_words_of_this_test_cover_every_admin_command() -> None:
    assert set(WORDS) == set(FEATURE.operator_commands)


@pytest.mark.parametrize("name", WORDS)
def test_an_operator_in_private_may(name: str) -> None:
    assert acts(effects_of(by_admin(WORDS[name])))


@pytest.mark.parametrize("forged", FORGED, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", WORDS)
def test_nobody_else_may(name: str, forged: Callable[[str], Update]) -> None:
    update = forged(WORDS[name])

    assert not acts(effects_of(update))


def test_nobody_is_an_operator_where_none_is_named() -> None:
    talk = Talk(SHOP, loads={"overview": SEEN}).hear(by_admin("/admin"))

    assert not acts(talk.effects)


def test_a_strangers_press_of_the_refresh_button_shows_nothing() -> None:
    update = telegram.press(buttons.encode("admin"), STRANGER)
    talk = Talk(WITH_ADMIN).hear(update)

    assert not acts(talk.effects)


def test_a_refresh_button_pressed_in_a_group_shows_nothing() -> None:
    update = telegram.press(buttons.encode("admin"), ADMIN)
    update["callback_query"]["message"]["chat"] = {"id": -5, "type": "group", "title": "x"}

    assert not acts(effects_of(update))


def test_a_refresh_shows_the_screen_in_place() -> None:
    talk = Talk(WITH_ADMIN, loads={"overview": SEEN}).hear(
        telegram.press(buttons.encode("admin"), ADMIN, message_id=50)
    )

    assert "vps-1" in talk.screen.text
    assert isinstance(talk.effects[-1], Show)
    assert talk.effects[-1].message_id == 50
    assert talk.button("Refresh") == buttons.encode("admin")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_is_escaped_and_bounded_whatever_went_wrong(language: str) -> None:
    evil = "<b>&" * 999
    now = datetime(2026, 11, 24, tzinfo=UTC)
    worst = Overview(
        active={"instance": evil, "epoch": 10**12, "seconds": 1e9},
        waiting=[evil] * 50,
        queue=dict.fromkeys(("updates", "jobs", "deliveries", "set_aside", "receipts"), 10**9),
        kie=KieBalance(1e12, 1e9, 1e9),
        troubles={f"part{n}": evil for n in range(30)},
        recent_errors=[
            RecentError(kind, 10**12, evil, now)
            for kind in ("update", "delivery", "job")
            for _ in range(9)
        ],
    )
    talk = Talk(WITH_ADMIN, loads={"overview": worst})
    talk.language = language

    text = talk.hear(by_admin("/admin")).screen.text

    assert units(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) < 4096
    assert "<b>&" not in text
    assert text.count("<b>") == text.count("</b>")
    assert "&lt;b&gt;" in text


@pytest.mark.parametrize(
    ("language", "works", "kie"),
    [
        (
            "en",
            "🟢 Running for 37\u00a0min, 1\u00a0on standby",
            "✅ kie.ai answers: 812 of its credits",
        ),
        ("ru", "🟢 Работает 37\u00a0мин, 1\u00a0в запасе", "✅ kie.ai отвечает: его кредитов 812"),
    ],
)
def test_the_state_is_told_in_words_of_the_operator(language: str, works: str, kie: str) -> None:
    seen = replace(SEEN, waiting=["vps-2"], kie=KieBalance(812.4, 130.0, 9.2))
    talk = Talk(WITH_ADMIN, loads={"overview": seen})
    talk.language = language

    text = talk.hear(by_admin("/admin")).screen.text

    assert works in text
    assert kie in text


@pytest.mark.parametrize(
    "seen",
    [
        SEEN,
        replace(SEEN, kie=KieBalance(0.0, 5.0)),
        replace(SEEN, kie=KieBalance(9.0, 5.0), troubles={"kie-reach": "kie.ai is away"}),
    ],
    ids=["never asked", "no credits", "away since"],
)
def test_kie_is_well_only_after_a_good_answer(seen: Overview) -> None:
    talk = Talk(WITH_ADMIN, loads={"overview": seen}).hear(by_admin("/admin"))

    assert "✅" not in talk.screen.text


def test_the_panel_counts_what_waits_and_leaves_out_what_is_not_there() -> None:
    offered = dict(ROUTER.places.offered)
    offered["admin"] = {name: each for name, each in offered["admin"].items() if name != "prices"}
    seen = replace(SEEN, queue={"updates": 100, "jobs": 3})
    talk = Talk(WITH_ADMIN, loads={"overview": seen})
    facts = replace(talk.facts_of(by_admin("/admin")), places=Places(offered, LAYOUT))

    screen = overview.screen(seen, facts)

    assert "99+" in screen.text
    shown = {button.press.partition("|")[0] for row in screen.keyboard for button in row}
    assert "admin" in shown
    assert "prices" not in shown


AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def test_what_is_set_aside_is_listed_and_tried_again_where_it_can_be() -> None:
    row = {"id": 9, "kind": "message", "tries": 5, "error": "<Key>", "at": AT, "replayable": True}
    page = Page([row, {**row, "id": 8, "replayable": False}], more=True)
    talk = Talk(WITH_ADMIN, loads={"read": page})
    talk.hear(telegram.press("set_aside||", ADMIN))

    assert "&lt;Key&gt;" in talk.screen.text
    presses = [each.press for each in talk.buttons]
    assert presses == ["retry_update||9", "set_aside||8", "admin||"]
    talk.hear(telegram.press("retry_update||9", ADMIN))
    assert [each.seq for each in talk.effects if isinstance(each, Retry)] == [9]


def test_the_log_says_who_did_what_and_what_it_changed() -> None:
    row = {"id": 3, "admin": 1, "act": "grant", "target": "42", "before": 0, "after": 100}
    named = {**row, "at": AT, "username": "boss", "first_name": "B"}
    strange = {**named, "id": 2, "act": "from_elsewhere", "before": None, "after": {"x": "<y>"}}
    talk = Talk(WITH_ADMIN, loads={"read": Page([named, strange], more=True)})
    talk.hear(telegram.press("log||", ADMIN))

    assert "24 Nov 09:30 · @boss · credits for <b>42</b> · 0 → 100" in talk.screen.text
    assert "from_elsewhere" in talk.screen.text
    assert "&lt;y&gt;" in talk.screen.text
    assert talk.button("Older") == "log||2"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["24 Nov 09:30", "maintenance · off → until 24 Nov 10:00", "text, 3, in Russian"]),
        (
            "ru",
            ["24 ноя 09:30", "технические работы · выкл → до 24 ноя 10:00", "текст, 3, на русском"],
        ),
    ],
)
def test_the_log_says_what_was_recorded_in_the_operators_language(
    language: str, told: list[str]
) -> None:
    row = {"admin": 1, "at": AT, "username": "boss", "first_name": "B", "target": ""}
    works = {**row, "id": 2, "act": "maintenance", "before": "off"}
    works["after"] = "until 2026-11-24 10:00"
    news = {**row, "id": 1, "act": "broadcast", "target": "1", "before": None}
    news["after"] = {"kind": "text", "bonus": 3, "audience": "ru"}
    talk = Talk(WITH_ADMIN, loads={"read": Page([works, news], more=False)})
    talk.language = language
    talk.hear(telegram.press("log||", ADMIN))

    for each in told:
        assert each in talk.screen.text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("/model z-imge", "Similar: <code>/model z-image</code>"),
        ("/model z-image perhaps", "“perhaps” is neither"),
        ("/model z-image", "<code>z-image</code> is on the menu"),
    ],
)
def test_a_command_about_a_model_that_switches_nothing_says_what_holds(
    words: str, told: str
) -> None:
    talk = Talk(WITH_ADMIN).hear(by_admin(words))

    assert told in talk.screen.text
    assert not [each for each in talk.effects if isinstance(each, SwitchModel)]


def test_the_state_of_a_model_has_the_button_that_changes_it() -> None:
    on = Talk(WITH_ADMIN).hear(by_admin("/model z-image")).screen
    without = replace(WITH_ADMIN, withdrawn={"z-image": "gone"})
    off = Talk(without).hear(by_admin("/model z-image")).screen

    assert on.keyboard[0][0].press == "model_off||z-image"
    assert off.keyboard[0][0].press == "model_on||z-image"
    assert "gone" in off.text


def test_every_act_that_is_recorded_has_a_name_in_the_log() -> None:
    found = {
        name
        for path in (ROOT / "handlers" / "features").rglob("*.py")
        for name in re.findall(r"acted\(\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
    }

    assert {"broadcast", "ban", "promo", "kie_limit"} <= found
    assert {name for name in found if f"act_{name}" not in TEXTS.own["en"]} == set()
