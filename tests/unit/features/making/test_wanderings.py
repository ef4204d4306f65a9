"""Users who do anything in any order: rules that hold on every way through the dialogue."""

import os
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.dialogue.buttons import decode
from handlers.dialogue.effects import Move, Say, Show, Toast
from handlers.dialogue.facts import IDLE
from handlers.dialogue.incoming import Pressed
from handlers.features.making.dialogue_state import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.job_effects import StartJob
from handlers.words.texts import units
from kie.money.ledger import Account
from tests.conftest import WITHOUT
from tests.support.chats.talk import Talk, read
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen
from tests.support.shipped import shipped

MODEL = shipped().model("z-image")
#: The search among odd orders is done with all features on; without one, a look is enough.
FEWER = 10 if os.environ.get(WITHOUT) else 1

_texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["a fox", "16:9", "<b>", "&", "я" * 1000, "x" * 1001, "😀" * 900, " "]),
    st.sampled_from(["/start", "/new", "/cancel", "/help", "/language", "/support", "/x", "/"]),
)
#: A text, or the press of one of the buttons shown so far (by number, newest last).
_acts = st.one_of(_texts, st.integers(0, 10**6), st.just(b"sticker"))


def check(talk: Talk, update: dict[str, Any], version: int) -> None:
    toasts = [each for each in talk.effects if isinstance(each, Toast)]
    moves = [each for each in talk.effects if isinstance(each, Move)]
    screens = [each.screen for each in talk.effects if isinstance(each, Say | Show)]
    assert talk.effects
    assert len(toasts) == isinstance(read(update), Pressed)
    assert all(units(each.text) <= 200 for each in toasts)
    assert len(moves) <= 1
    assert len(screens) <= 1
    # A job that a word like "OK" starts is answered by the message of its progress.
    assert screens or toasts or any(isinstance(each, StartJob) for each in talk.effects)
    assert talk.dialogue.step in {IDLE, ASK, CONFIRM, SETTINGS, SEARCH}
    assert talk.dialogue.version == version + sum(not each.quiet for each in moves)
    for screen in screens:
        check_screen(screen)
    for start in talk.started:
        check_screen(start.progress)
        assert MODEL is not None
        assert MODEL.check(start.job.inputs) == []


@settings(max_examples=150 // FEWER)
@given(st.lists(_acts, max_size=14))
def test_whatever_users_do_they_get_one_sound_answer(acts: list[str | int | bytes]) -> None:
    talk = Talk()
    shown = ["garbage", "create||", "pick|0|16:9", "model||gone"]
    for number, act in enumerate(acts):
        version = talk.dialogue.version
        if isinstance(act, int):
            update = telegram.press(shown[act % len(shown)], message_id=number)
        elif isinstance(act, bytes):
            update = telegram.message(location={"longitude": 1.0, "latitude": 1.0})
        else:
            update = telegram.message(text=act)
        talk.hear(update)
        check(talk, update, version)
        for effect in talk.effects:
            if isinstance(effect, Say | Show):
                rows = effect.screen.keyboard
                shown += [button.press for row in rows for button in row if button.press]


@settings(max_examples=100 // FEWER)
@given(
    st.lists(st.sampled_from(["16:9", "Create", "Prompt", "Format", "Cancel", "a cat"]), max_size=9)
)
def test_every_job_comes_from_one_press_of_its_own_button(labels: list[str]) -> None:
    talk = Talk().at_confirm()
    keys = []
    for label in labels:
        visible = {
            button.press
            for effect in talk.effects
            if isinstance(effect, Say | Show)
            for row in effect.screen.keyboard
            for button in row
            if label in button.text
        }
        if visible:
            talk.hear(telegram.press(visible.pop(), message_id=60))
        else:
            talk.says(label)
        keys += [start.job.request_key for start in talk.started]

    assert len(set(keys)) == len(keys)


PHOTO = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
#: A text, a photo, or a button of the card that is there.
_here = st.one_of(
    st.sampled_from(
        ["a fox", "a cat", "да", "нет", "thanks", "/start", "/models", "/search kling"]
    ),
    st.just(b"photo"),
    st.integers(0, 10**6),
)


class Chat:
    """The messages with buttons that a chat shows: what a new card does to the one before."""

    def __init__(self) -> None:
        self.talk = Talk(loads={"recent_models": ()}, account=Account(balance=10_000))
        self.card: int | None = None
        self.presses: list[str] = []
        self.messages = 100

    def hear(self, update: dict[str, Any]) -> None:
        self.talk.facts["card"] = self.card
        self.talk.hear(update)
        if any(start.job.status_message_id == self.card for start in self.talk.started):
            self.card, self.presses = None, []
        for effect in self.talk.effects:
            if not isinstance(effect, Say | Show) or not effect.screen.keyboard:
                continue
            self.messages += 1
            self.card = effect.message_id if isinstance(effect, Show) else self.messages
            rows = effect.screen.keyboard
            self.presses = [button.press for row in rows for button in row if button.press]


@settings(max_examples=150 // FEWER)
@given(st.lists(_here, max_size=25))
def test_after_whatever_use_no_button_that_a_chat_shows_is_of_an_earlier_step(
    acts: list[str | int | bytes],
) -> None:
    chat = Chat()
    for act in acts:
        if isinstance(act, bytes):
            chat.hear(telegram.message(photo=[PHOTO]))
        elif isinstance(act, str):
            chat.hear(telegram.message(text=act))
        elif chat.presses and chat.card is not None:
            press = chat.presses[act % len(chat.presses)]
            chat.hear(telegram.press(press, message_id=chat.card))
        for each in chat.presses:
            found = decode(each)
            assert found is not None
            assert found.version in {None, chat.talk.dialogue.version}, each
