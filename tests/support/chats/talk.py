"""A conversation with the pure dialogue: each step is decided and remembered."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from handlers.dialogue import incoming, update_reader
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    Button,
    Compose,
    Effect,
    Effects,
    Move,
    Say,
    Screen,
    Show,
    Toast,
)
from handlers.dialogue.facts import Dialogue, Facts
from handlers.dispatch.feature import Answer
from handlers.dispatch.routing import Router
from handlers.features import COMMANDS, FEATURES, LAYOUT
from handlers.features.account.rules import SetLanguage
from handlers.features.making.job_effects import StartJob
from handlers.features.making.order import compose
from handlers.shop.offers import offers_of
from handlers.shop.shop import Shop, Support
from tests.support.edges import telegram_updates as telegram
from tests.support.shipped import shipped

CATALOGUE = shipped()
SHOP = Shop(
    offers=offers_of(CATALOGUE),
    does=CATALOGUE.does,
    support=Support(contact="@help_desk", text="Ask <us>"),
    bot_name="Painter",
    bot_username="painter_bot",
)
ROUTER = Router(FEATURES, LAYOUT, COMMANDS)
PROMPT = "a <b>red</b> fox & snow"
needs_making = pytest.mark.skipif(
    "making" not in {each.name for each in FEATURES}, reason="making has menu and orders"
)


def read(update: dict[str, Any]) -> incoming.Incoming:
    found = update_reader.read(json.dumps(update))
    assert found is not None
    return found


class Talk:
    """A user's conversation: each step decides and remembers what the table would."""

    def __init__(
        self,
        shop: Shop = SHOP,
        *,
        loads: Mapping[str, Any] | None = None,
        router: Router = ROUTER,
        **facts: Any,
    ) -> None:
        """``loads``: what the database would answer, by the name of the loading function."""
        self.shop = shop
        self.router = router
        self.loads = {"recent_models": (), **(loads or {})}
        self.dialogue = Dialogue()
        self.language = "en"
        self.facts = facts
        self.effects: tuple[Effect, ...] = ()

    def facts_of(self, update: dict[str, Any]) -> Facts:
        return Facts(
            incoming=read(update),
            language=self.language,
            dialogue=self.dialogue,
            shop=self.shop,
            places=self.router.places,
            **self.facts,
        )

    def hear(self, update: dict[str, Any]) -> "Talk":
        self.last_facts = self.facts_of(update)
        return self._follow(self.router.decide(self.last_facts, self._ask))

    def composes(self, order: Compose) -> "Talk":
        """Another feature proposes this order when a button is pressed."""
        return self._follow(compose(self.facts_of(telegram.press("proposed||")), order))

    def _follow(self, effects: Effects) -> "Talk":
        self.effects = effects
        for effect in self.effects:
            if isinstance(effect, Move):
                self.dialogue = Dialogue(
                    effect.step,
                    self.dialogue.version + (not effect.quiet),
                    json.loads(json.dumps(dict(effect.answers))),
                )
            if isinstance(effect, SetLanguage):
                self.language = effect.language
        return self

    def _ask(self, answer: Answer, _press: Press | None) -> Any:
        return self.loads.get(getattr(answer.load, "__name__", ""))

    def says(self, text: str) -> "Talk":
        return self.hear(telegram.message(text=text))

    def presses(self, label: str, **where: Any) -> "Talk":
        """Press the button that the last screen shows with ``label`` in its text."""
        return self.hear(telegram.press(self.button(label), **where))

    def presses_model(self, model: str) -> "Talk":
        """Choose that model, wherever its button stands."""
        return self.hear(telegram.press(f"model||{model}"))

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
        return (
            self.says("/start").presses_model("z-image").says(PROMPT).presses("1:1").presses("16:9")
        )
