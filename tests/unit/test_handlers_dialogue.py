"""The conversation as a pure function: no database, no Telegram."""

import json
from dataclasses import replace
from typing import Any

import pytest

from handlers import incoming
from handlers.dialogue import buttons, decide
from handlers.dialogue.effects import (
    Button,
    Effect,
    Move,
    Say,
    Screen,
    SetLanguage,
    SetReachable,
    Show,
    StartJob,
    Toast,
)
from handlers.dialogue.facts import ASK, CONFIRM, IDLE, Facts, Past, Shop, Standing, Support
from handlers.offers import Offer, offers_of
from handlers.texts import plain
from kie.catalogue import Catalogue
from tests.support import telegram_updates as telegram

SHOP = Shop(
    offers=offers_of(Catalogue.load()),
    support=Support(contact="@help_desk", text="Ask <us>"),
    bot_name="Painter",
    bot_username="painter_bot",
)
PROMPT = "a <b>red</b> fox & snow"


def read(update: dict[str, Any]) -> incoming.Incoming:
    found = incoming.read(json.dumps(update))
    assert found is not None
    return found


class Talk:
    """A user's conversation: each step decides and remembers what the table would."""

    def __init__(self, shop: Shop = SHOP, **facts: Any) -> None:
        self.shop = shop
        self.standing = Standing()
        self.language = "en"
        self.facts = facts
        self.effects: tuple[Effect, ...] = ()

    def hear(self, update: dict[str, Any]) -> "Talk":
        facts = Facts(
            incoming=read(update),
            language=self.language,
            standing=self.standing,
            shop=self.shop,
            **self.facts,
        )
        self.effects = decide(facts)
        for effect in self.effects:
            if isinstance(effect, Move):
                self.standing = Standing(
                    effect.step,
                    self.standing.version + 1,
                    json.loads(json.dumps(dict(effect.answers))),
                )
            if isinstance(effect, SetLanguage):
                self.language = effect.language
        return self

    def says(self, text: str) -> "Talk":
        return self.hear(telegram.message(text=text))

    def presses(self, label: str, **where: Any) -> "Talk":
        """Press the button that the last screen shows with ``label`` in its text."""
        return self.hear(telegram.press(self.button(label), **where))

    def button(self, label: str) -> str:
        found = [each for each in self.buttons if label in each.text]
        assert len(found) == 1, [each.text for each in self.buttons]
        return found[0].press

    @property
    def screen(self) -> Screen:
        screens = [each.screen for each in self.effects if isinstance(each, Say | Show)]
        assert len(screens) == 1, self.effects
        return screens[0]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.screen.keyboard for button in row]

    @property
    def toast(self) -> Toast:
        toasts = [each for each in self.effects if isinstance(each, Toast)]
        assert len(toasts) == 1, self.effects
        return toasts[0]

    @property
    def started(self) -> list[StartJob]:
        return [each for each in self.effects if isinstance(each, StartJob)]

    def at_confirm(self) -> "Talk":
        return self.says("/start").presses("Z-Image").says(PROMPT).presses("16:9")


def test_start_shows_the_bots_name_and_every_model_as_a_button() -> None:
    talk = Talk().says("/start")

    assert "Painter" in talk.screen.text
    assert [each.press for each in talk.buttons if "Z-Image" in each.text] == ["model||z-image"]


def test_the_way_from_start_to_a_job_is_model_prompt_format_create() -> None:
    talk = Talk()

    talk.says("/start").presses("Z-Image", message_id=50)
    assert talk.standing.step == ASK
    assert any(isinstance(each, Show) and each.message_id == 50 for each in talk.effects)
    talk.says(PROMPT)
    labels = [each.text for each in talk.buttons]
    assert labels[:5] == ["1:1", "4:3", "3:4", "16:9", "9:16"]
    talk.presses("16:9", message_id=51)
    assert talk.standing.step == CONFIRM
    assert "a &lt;b&gt;red&lt;/b&gt; fox &amp; snow" in talk.screen.text
    assert "free" in talk.screen.text
    talk.presses("Create", message_id=51)

    (start,) = talk.started
    assert start.job.inputs == {"prompt": PROMPT, "aspect_ratio": "16:9", "nsfw_checker": True}
    assert start.job.status_message_id == 51
    assert talk.standing.step == IDLE


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
    talk = Talk().says("/start").presses("Z-Image").says(PROMPT)
    old = telegram.press(talk.button("1:1"), message_id=70)
    talk.presses("16:9", message_id=71)
    before = talk.standing

    talk.hear(old)

    assert talk.standing == before
    assert talk.toast.text == plain("en", "toast_old")
    assert "16:9" in talk.screen.text


def test_a_button_pressed_twice_in_a_message_that_moved_on_is_answered_quietly() -> None:
    talk = Talk().says("/start").presses("Z-Image").says(PROMPT)
    pick = telegram.press(talk.button("1:1"), message_id=70)

    talk.hear(pick)
    talk.hear(pick)

    assert talk.effects == (Toast(talk.toast.query_id),)


@pytest.mark.parametrize(
    "data", ["", "garbage", "create|9999|", "pick|1|", "x|y|z", "create||", "again||x", "|1|2"]
)
def test_a_button_nobody_knows_gets_an_answer_and_a_fresh_keyboard(data: str) -> None:
    talk = Talk().hear(telegram.press(data or "?"))

    assert talk.toast.query_id
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
def test_whatever_a_user_sends_at_any_step_gets_an_answer_with_buttons(
    content: dict[str, Any], step: str
) -> None:
    talk = Talk().says("/start")
    if step != IDLE:
        talk.presses("Z-Image")
    if step in {"ask-choice", CONFIRM}:
        talk.says(PROMPT)
    if step == CONFIRM:
        talk.presses("1:1")

    talk.hear(telegram.message(**content))

    assert talk.screen.text
    assert talk.buttons


def test_a_text_before_any_model_is_kept_as_the_description() -> None:
    talk = Talk().says("a red fox").presses("Z-Image")

    assert talk.standing.answers["inputs"] == {"prompt": "a red fox"}
    assert "16:9" in [each.text for each in talk.buttons]


def test_a_prompt_of_1000_characters_is_taken_and_one_of_1001_is_not() -> None:
    talk = Talk().says("/start").presses("Z-Image")

    talk.says("я" * 1001)
    assert talk.standing.step == ASK
    assert "1001" in talk.screen.text
    talk.says("я" * 1000)

    assert talk.standing.answers["inputs"] == {"prompt": "я" * 1000}


def test_a_prompt_of_blanks_is_not_taken() -> None:
    talk = Talk().says("/start").presses("Z-Image").says("   ")

    assert talk.standing.step == ASK
    assert "inputs" not in talk.standing.answers or not talk.standing.answers["inputs"]


def test_a_format_may_be_typed_instead_of_pressed() -> None:
    talk = Talk().says("/start").presses("Z-Image").says(PROMPT).says("9:16")

    assert talk.standing.step == CONFIRM


def test_changing_the_format_keeps_the_prompt() -> None:
    talk = Talk().at_confirm().presses("Format").presses("9:16")

    assert talk.standing.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "9:16"}
    assert talk.standing.step == CONFIRM


def test_changing_the_prompt_keeps_the_format() -> None:
    talk = Talk().at_confirm().presses("Prompt").says("another fox")

    assert talk.standing.answers["inputs"] == {"prompt": "another fox", "aspect_ratio": "16:9"}


def test_a_text_at_the_confirmation_replaces_the_description() -> None:
    talk = Talk().at_confirm().says("a blue whale")

    assert talk.standing.step == CONFIRM
    assert "a blue whale" in talk.screen.text


def test_cancel_leaves_the_step() -> None:
    talk = Talk().at_confirm().presses("Cancel")

    assert talk.standing.step == IDLE
    assert talk.toast.text == plain("en", "toast_cancelled")


def test_a_user_with_three_running_jobs_is_told_and_keeps_the_request() -> None:
    talk = Talk(running=3).at_confirm()

    talk.presses("Create")

    assert not talk.started
    assert talk.toast.alert
    assert talk.standing.step == CONFIRM


def test_while_kie_refuses_our_key_nobody_is_led_into_a_dead_end() -> None:
    talk = Talk(replace(SHOP, closed="kie.ai refuses the key")).at_confirm()
    assert "⚠️" in talk.screen.text
    assert "key" not in talk.screen.text

    talk.presses("Create")

    assert not talk.started
    assert talk.toast.alert


def test_again_leads_to_the_confirmation_of_the_same_request() -> None:
    past = Past(5, "z-image", {"prompt": PROMPT, "aspect_ratio": "3:4", "nsfw_checker": True})
    talk = Talk(past=past).hear(telegram.press("again||5", text=None))

    assert talk.standing.step == CONFIRM
    assert talk.standing.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "3:4"}
    assert isinstance(talk.effects[-1], Say)


def test_again_for_a_job_of_somebody_else_says_so() -> None:
    talk = Talk(past=None).hear(telegram.press("again||5"))

    assert talk.standing.step == IDLE
    assert talk.buttons


def test_language_changes_the_words_and_keeps_the_step() -> None:
    talk = Talk().at_confirm().says("/language")

    assert talk.language == "ru"
    assert talk.standing.step == CONFIRM
    assert any("Создать" in each.text for each in talk.buttons)


def test_support_is_hidden_when_there_is_none() -> None:
    talk = Talk(replace(SHOP, support=Support())).says("/start")

    assert not [each for each in talk.buttons if "Support" in each.text]
    assert "/support" not in talk.says("/help").screen.text


def test_support_texts_of_the_operator_are_escaped() -> None:
    talk = Talk().says("/support")

    assert "Ask &lt;us&gt;" in talk.screen.text
    assert "@help_desk" in talk.screen.text


def test_a_group_is_told_where_the_bot_works() -> None:
    update = telegram.message(text="/start@painter_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    talk = Talk().hear(update)

    assert talk.buttons[0].url == "https://t.me/painter_bot"


def test_a_command_for_another_bot_in_a_group_is_none_of_our_business() -> None:
    update = telegram.message(text="/start@other_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    assert Talk().hear(update).effects == ()


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "edited_message": telegram.message(text="x")["message"]},
        {
            "update_id": 2,
            "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}},
        },
        telegram.message(pinned_message=telegram.message(text="x")["message"]),
        {"update_id": 3},
        {"update_id": 4, "something_new": {"a": 1}},
    ],
)
def test_what_needs_no_answer_gets_none(update: dict[str, Any]) -> None:
    assert incoming.read(json.dumps(update)) is None


def test_a_user_who_blocked_us_and_writes_again_is_reachable_again() -> None:
    talk = Talk(reachable=False).says("/start")

    assert talk.effects[0] == SetReachable(True)


def test_nul_and_half_characters_never_reach_the_database() -> None:
    found = read(telegram.message(text="a\x00b\ud83d"))

    assert isinstance(found, incoming.Text)
    assert found.text == "ab?"


def test_every_button_of_every_model_fits_into_telegrams_64_bytes() -> None:
    for offer in SHOP.offers.values():
        _every_screen(offer)


def _every_screen(offer: Offer) -> None:
    """Building a screen raises when a button's data is too long."""
    from handlers.dialogue import screens

    version = 10**9
    for language in ("en", "ru"):
        inputs: dict[str, Any] = {}
        for question in offer.questions:
            screens.question(offer, question, language, version)
            inputs[question.name] = question.choices[-1] if question.choices else "x"
        screens.confirm(offer, inputs, SHOP, language, version)
    assert len(buttons.encode(buttons.MODEL, offer.model).encode()) <= buttons.MOST_BYTES


def test_a_second_model_needs_no_code() -> None:
    base = SHOP.offers["z-image"]
    shop = replace(SHOP, offers={**SHOP.offers, "two": replace(base, model="two", price=5)})
    talk = Talk(shop).says("/new")
    assert {"model||z-image", "model||two"} <= {each.press for each in talk.buttons}

    talk.hear(telegram.press("model||two")).says(PROMPT).presses("1:1").presses("Create")

    assert talk.started[0].job.model == "two"
    assert talk.started[0].job.price == 5
