"""Every model of the catalogue, walked through as users do: good answers, bad ones, back, edits.

The walks are drawn from a seed per model, so that a failure comes again.
"""

import os
import random
from typing import Any

import pytest

from handlers.dialogue.effects import Button, Say, Screen, Show, Toast
from handlers.features.making.dialogue_state import ASK, CONFIRM, SETTINGS
from kie.catalogue.input import FILES, Input, InputType
from kie.catalogue.model import Model
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen
from tests.support.shipped import shipped

CATALOGUE = shipped()
#: Without those that go on from an earlier job, which is where they are chosen.
LISTED = [model for model in CATALOGUE.models() if not model.follows]
RICH = Account(balance=10**6)
STEPS = 60  #: of a walk, before it goes straight to the end
WALKS = 20 if os.environ.get("LONG") else 1  #: for each model and language
#: What nobody should send at any step.
NONSENSE = ["", " ", "<b>", "🐈" * 2500, "-1", "1e999", "NaN", "/", "0" * 50, "нет", "16:9"]
OF_ALL_STEPS = {
    *("menu", "new", "help", "support", "lang", "cat", "search", "model", "balance", "models"),
    *("task", "able", "resume", "forget", "effects"),
}


def photo(**more: Any) -> dict[str, Any]:
    size = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
    return telegram.message(photo=[size], **more)


def voice(**more: Any) -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": 4, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"}, **more)


def clip(**more: Any) -> dict[str, Any]:
    sent = {"file_id": "c", "file_unique_id": "u", "duration": 4, "file_size": 900}
    return telegram.message(
        video={**sent, "mime_type": "video/mp4", "width": 9, "height": 9}, **more
    )


FILE_OF = {"image": photo, "audio": voice, "video": clip}


class Walk:
    """A user with a seed."""

    def __init__(self, model: Model, language: str, seed: int) -> None:
        self.model = model
        self.dice = random.Random(f"{model.id}:{language}:{seed}")
        self.talk = Talk(account=RICH)
        self.talk.language = language
        self.shown: tuple[Button, ...] = ()
        self.hear(telegram.press(f"model||{model.id}"))

    def hear(self, update: dict[str, Any]) -> None:
        """Never an exception, never silence, always a screen that Telegram takes."""
        before = self.talk.dialogue
        self.talk.hear(update)
        screens = [each.screen for each in self.talk.effects if isinstance(each, Say | Show)]
        toasts = [each for each in self.talk.effects if isinstance(each, Toast)]
        album = "media_group_id" in update.get("message", {})
        assert screens or toasts or (album and before.version == self.talk.dialogue.version)
        assert len(toasts) == ("callback_query" in update)
        for screen in screens:
            check_screen(screen)
            self.shown = tuple(button for row in screen.keyboard for button in row)

    def asked(self) -> Input | None:
        name = self.talk.dialogue.answers.get("asking")
        return next((field for field in self.model.inputs if field.name == name), None)

    def stray(self) -> None:
        """Anything that a user may do at this moment."""
        act = self.dice.choice(["nonsense", "button", "file", "old", "answer", "album"])
        match act:
            case "nonsense":
                self.hear(telegram.message(text=self.dice.choice(NONSENSE) or "x"))
            case "file":
                self.hear(self.dice.choice([photo, voice, clip])())
            case "album":
                group = str(self.dice.random())
                for _ in range(self.dice.randint(1, 4)):
                    self.hear(photo(media_group_id=group))
            case "old":
                version = self.talk.dialogue.version - self.dice.randint(1, 3)
                self.hear(telegram.press(f"pick|{max(0, version)}|5"))
            case "button":
                stay = [each for each in self.shown if not self.leads_away(each)]
                if stay:
                    self.hear(telegram.press(self.dice.choice(stay).press))
            case _:
                self.answer()

    def leads_away(self, button: Button) -> bool:
        action = button.press.partition("|")[0]
        return action in {"create", "cancel", *OF_ALL_STEPS} or bool(button.url)

    def answer(self) -> None:
        """What the step waits for."""
        field = self.asked()
        if self.talk.dialogue.step != ASK or field is None:
            if self.talk.dialogue.step == SETTINGS:
                self.press(self.dice.choice(("back", "change")))
            elif self.dice.random() < 0.5 or not self.press("settings"):
                self.press("change")
        elif field.is_file:
            self.hear(FILE_OF[field.type]())
            self.press("done")
        elif field.type is InputType.TEXT:
            length = self.dice.randint(field.min_length, min(field.max_length, 200))
            self.hear(telegram.message(text="ж" * length))
        elif not self.press("pick"):
            self.hear(telegram.message(text=self.number(field)))

    def number(self, field: Input) -> str:
        low = 0 if field.min is None else field.min
        high = low + 5 if field.max is None else field.max
        value = low + (high - low) * self.dice.random()
        return str(round(value)) if field.type is InputType.INTEGER else f"{value:.3f}"

    def press(self, action: str) -> bool:
        """Press one of the buttons for ``action`` that are shown; False: there is none."""
        fitting = [each for each in self.shown if each.press.startswith(f"{action}|")]
        if fitting:
            self.hear(telegram.press(self.dice.choice(fitting).press))
        return bool(fitting)

    def here(self) -> None:
        """Back to the model of this walk: a wish may have led to another one."""
        if self.talk.dialogue.answers.get("model") != self.model.id:
            self.hear(telegram.press(f"model||{self.model.id}"))

    def to_the_end(self) -> None:
        """Straight to the confirmation."""
        for _ in range(40):
            if self.talk.dialogue.answers.get("model") != self.model.id:
                self.hear(telegram.press(f"model||{self.model.id}"))
            elif self.talk.dialogue.step == CONFIRM:
                return
            else:
                self.answer()
        raise AssertionError(f"no confirmation of {self.model.id}: {self.talk.dialogue}")


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model.id)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_walk_ends_in_a_confirmation_of_inputs_that_kie_accepts(
    model: Model, language: str
) -> None:
    for seed in range(WALKS):
        walk = Walk(model, language, seed)
        for _ in range(STEPS):
            walk.here()
            walk.stray()
        walk.to_the_end()
        walk.hear(telegram.message(text="/language"))
        walk.press("create")

        (start,) = walk.talk.started
        assert model.check(start.job.inputs) == []
        assert start.job.price == model.price(start.job.inputs) or model.free_per_day
        check_screen(start.progress)


def test_the_walks_try_every_kind_of_input_and_leave_the_defaults() -> None:
    """The walks would prove little if they never changed a setting."""
    kinds = {InputType.CHOICE, InputType.SWITCH, InputType.TEXT, InputType.INTEGER}
    changed: set[InputType] = set()
    for model in LISTED:
        if changed >= kinds and changed & FILES:
            break
        walk = Walk(model, "en", 0)
        for _ in range(STEPS):
            walk.here()
            walk.stray()
            given = walk.talk.dialogue.answers.get("inputs", {})
            changed |= {
                field.type for field in model.inputs if not field.required and field.name in given
            }

    assert changed >= kinds
    assert changed & FILES


def test_screens_are_checked() -> None:
    with pytest.raises(AssertionError):
        check_screen(Screen("<b>open"))  # type: ignore[arg-type]  # what Telegram would refuse
