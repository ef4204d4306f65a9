"""The way to a job as a pure function: no database, no Telegram."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Show, Toast
from handlers.dialogue.facts import IDLE
from handlers.features.making.dialogue_state import ASK, CONFIRM
from handlers.shop.shop import Shop
from kie.catalogue.availability import Maintenance
from kie.money.ledger import Account
from tests.support.chats.talk import PROMPT, SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain, say


def test_start_greets_once_by_name_and_shows_what_people_come_for() -> None:
    talk = Talk().says("/start")
    assert "Anna" in talk.screen.text
    tasks = ["draw", "film", "edit", "animate", "voice", "tools"]
    presses = [f"task||{each}" for each in tasks]
    assert [each.press for each in talk.buttons if each.press.startswith("task|")] == presses

    talk.says("/start")

    assert [len(row) for row in talk.screen.keyboard[:3]] == [2, 2, 2]
    assert [each.press for each in talk.buttons[:6]] == presses
    assert "Anna" not in talk.screen.text
    assert plain("en", "menu_again") in talk.screen.text


def test_the_way_from_start_to_a_job_is_task_words_create_and_the_rest_has_defaults() -> None:
    talk = Talk()

    talk.says("/start").presses("Picture", message_id=50)
    assert talk.dialogue.step == ASK
    assert any(isinstance(each, Show) and each.message_id == 50 for each in talk.effects)
    talk.says(PROMPT)
    assert talk.dialogue.step == CONFIRM
    talk.presses("1:1", message_id=51)
    labels = [each.text for each in talk.buttons]
    assert labels[:5] == ["✓ 1:1", "4:3", "3:4", "16:9", "9:16"]
    assert {"Create", "Remove"} <= {each.partition(" ")[2].split(" ")[0] for each in labels}
    talk.presses("16:9", message_id=51)
    assert talk.dialogue.step == CONFIRM
    assert "a &lt;b&gt;red&lt;/b&gt; fox &amp; snow" in talk.screen.text
    assert "free" in talk.screen.text
    talk.presses("Create", message_id=51)

    (start,) = talk.started
    assert start.job.inputs == {"prompt": PROMPT, "aspect_ratio": "16:9", "nsfw_checker": True}
    assert start.job.status_message_id == 51
    assert talk.dialogue.step == IDLE


def test_a_second_press_of_create_makes_no_second_job() -> None:
    talk = Talk().at_confirm()
    create = telegram.press(talk.button("Create"), message_id=60)

    talk.hear(create)
    assert len(talk.started) == 1
    talk.hear(create)

    assert not talk.started
    assert talk.toast.text == plain("en", "toast_already")


def test_the_request_key_differs_for_every_confirmation_but_not_for_a_repeated_press() -> None:
    first, second = Talk().at_confirm(), Talk().at_confirm()
    press = telegram.press(first.button("Create"), message_id=60)

    key = first.hear(press).started[0].job.request_key
    same = second.hear(press).started[0].job.request_key
    other = second.says("/start").at_confirm().presses("Create").started[0].job.request_key

    assert key == same
    assert key != other


def test_a_button_of_an_earlier_step_changes_nothing_and_shows_the_current_step() -> None:
    talk = Talk().at_confirm().presses("16:9").presses("1:1")
    old = telegram.press(talk.button("1:1"), message_id=70)
    talk.presses("1:1", message_id=71).presses("16:9", message_id=71)
    before = talk.dialogue

    talk.hear(old)

    assert talk.dialogue == before
    assert talk.toast.text == plain("en", "toast_old")
    assert "16:9" in talk.screen.text


def test_a_button_pressed_twice_in_a_message_that_moved_on_is_answered_quietly() -> None:
    talk = Talk().at_confirm().presses("16:9")
    pick = telegram.press(talk.button("1:1"), message_id=70)

    talk.hear(pick)
    talk.hear(pick)

    assert talk.effects == (Toast(),)


@pytest.mark.parametrize(
    "data", ["", "garbage", "create|9999|", "pick|1|", "x|y|z", "create||", "|1|2"]
)
def test_a_button_nobody_knows_gets_an_answer_and_a_fresh_keyboard(data: str) -> None:
    talk = Talk().hear(telegram.press(data or "?"))

    assert talk.toast
    assert talk.buttons
    assert not talk.started


@pytest.mark.parametrize(
    "content",
    [
        {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]},
        {
            "sticker": {
                "file_id": "f",
                "file_unique_id": "u",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
        {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}},
        {"document": {"file_id": "f", "file_unique_id": "u"}},
        {"location": {"longitude": 1.0, "latitude": 1.0}},
        {"text": "/nosuchcommand"},
        {"text": "hello"},
        {"text": "/cancel"},
        {"text": "/new"},
        {"text": "/help"},
        {"text": "/support"},
        {"text": "/language"},
        {"text": "/start@painter_bot deep-link"},
    ],
)
@pytest.mark.parametrize("step", [IDLE, ASK, "ask-choice", CONFIRM])
def test_whatever_a_user_sends_gets_an_answer_and_an_open_step_keeps_its_buttons(
    content: dict[str, Any], step: str
) -> None:
    talk = Talk().says("/start")
    if step != IDLE:
        talk.presses_model("z-image")
    if step in {"ask-choice", CONFIRM}:
        talk.says(PROMPT)
    if step == "ask-choice":
        talk.presses("1:1")

    talk.hear(telegram.message(**content))

    assert talk.screen.text
    assert talk.buttons or talk.dialogue.step == IDLE


def test_a_prompt_of_1000_characters_is_taken_and_one_of_1001_is_not() -> None:
    talk = Talk().says("/start").presses_model("z-image")

    talk.says("я" * 1001)
    assert talk.dialogue.step == ASK
    assert "1001" in talk.screen.text
    talk.says("я" * 1000)

    assert talk.dialogue.answers["inputs"] == {"prompt": "я" * 1000, "aspect_ratio": "1:1"}


def test_a_prompt_of_blanks_is_not_taken() -> None:
    talk = Talk().says("/start").presses_model("z-image").says("   ")

    assert talk.dialogue.step == ASK
    assert "prompt" not in talk.dialogue.answers["inputs"]


def test_a_format_may_be_typed_instead_of_pressed() -> None:
    talk = Talk().at_confirm().presses("16:9").says("9:16")

    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"]["aspect_ratio"] == "9:16"


def test_changing_the_format_keeps_the_prompt() -> None:
    talk = Talk().at_confirm().presses("16:9").presses("9:16")

    assert talk.dialogue.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "9:16"}
    assert talk.dialogue.step == CONFIRM


def test_changing_the_prompt_keeps_the_format() -> None:
    talk = Talk().at_confirm().says("another fox")
    assert talk.dialogue.answers["inputs"] == {"prompt": "another fox", "aspect_ratio": "16:9"}

    talk.presses("Undo")
    assert talk.dialogue.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "16:9"}
    talk.presses("Undo")
    assert talk.dialogue.answers["inputs"]["prompt"] == "another fox"


def test_a_text_at_the_confirmation_replaces_the_description() -> None:
    talk = Talk().at_confirm().says("a blue whale")

    assert talk.dialogue.step == CONFIRM
    assert "a blue whale" in talk.screen.text


def test_cancel_leaves_the_step() -> None:
    talk = Talk().at_confirm().presses("Remove")

    assert talk.dialogue.step == IDLE
    assert talk.toast.text == plain("en", "toast_cancelled")


def test_a_user_with_three_running_jobs_is_told_and_keeps_the_request() -> None:
    talk = Talk(account=Account(running={"z-image": 3})).at_confirm()

    talk.presses("Create")

    assert not talk.started
    assert talk.toast.alert
    assert talk.dialogue.step == CONFIRM


def test_while_kie_refuses_our_key_nobody_is_led_into_a_dead_end() -> None:
    talk = Talk(replace(SHOP, closed="kie.ai refuses the key")).at_confirm()
    assert "⚠️" in talk.screen.text
    assert "key" not in talk.screen.text

    talk.presses("Create")

    assert not talk.started
    assert talk.toast.alert


def test_a_format_button_of_an_earlier_question_does_not_answer_a_later_one() -> None:
    talk = Talk().at_confirm().presses("16:9", message_id=70)
    old = telegram.press(talk.button("1:1"), message_id=70)
    talk.presses("9:16", message_id=71).presses("9:16", message_id=72)
    assert talk.dialogue.step == ASK

    talk.hear(old)

    assert talk.dialogue.step == ASK
    assert talk.toast.text == plain("en", "toast_old")


def test_the_create_button_of_an_outdated_confirmation_makes_no_job() -> None:
    talk = Talk().at_confirm()
    old = telegram.press(talk.button("Create"), message_id=70)
    talk.says("a better fox")

    talk.hear(old)

    assert not talk.started
    assert "a better fox" in talk.screen.text


def test_a_press_that_makes_a_job_and_came_late_is_asked_again_and_the_old_button_is_dead() -> None:
    talk = Talk().at_confirm()
    old = talk.button("Create")
    talk.facts = {"late": True}
    talk.presses("Create")

    assert not talk.started
    assert say("en", "asked_again") in talk.screen.text
    assert talk.dialogue.step == CONFIRM
    talk.facts = {}
    assert not talk.hear(telegram.press(old)).started
    talk.presses("Create")
    assert len(talk.started) == 1


def test_a_late_press_that_costs_nothing_does_what_it_says() -> None:
    talk = Talk(late=True).says("/start").presses_model("z-image")

    assert talk.dialogue.step == ASK


def test_a_press_without_data_gets_an_answer_too() -> None:
    update = telegram.press("x")
    del update["callback_query"]["data"]
    update["callback_query"]["game_short_name"] = "chess"

    assert Talk().hear(update).toast


@pytest.mark.parametrize(
    ("shop", "banned", "why"),
    [
        (replace(SHOP, maintenance=Maintenance()), False, "maintenance"),
        (SHOP, True, "/paysupport"),
    ],
)
def test_no_job_is_made_for_who_may_order_nothing_now(shop: Shop, banned: bool, why: str) -> None:
    talk = Talk(shop, account=Account(balance=100, banned=banned)).at_confirm()
    assert why in talk.screen.text
    talk.presses("Create")

    assert why in talk.toast.text
    assert not talk.started
    assert talk.dialogue.step == "confirm"
