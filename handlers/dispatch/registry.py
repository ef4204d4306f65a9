"""The registry of features: which feature owns which command, button, step, kind and effect."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from handlers.dialogue.effects import Effect
from handlers.dialogue.facts import IDLE
from handlers.dialogue.incoming import Incoming
from handlers.dialogue.places import Offered
from handlers.dispatch.feature import Answer, CarryOut, Feature, Step
from handlers.shop.shop import Shop

K = TypeVar("K")
V = TypeVar("V")


class FeatureRegistry:
    """All features by what they answer. Raises ``ValueError`` that names every double claim."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._problems: list[str] = []
        numbered = enumerate(features)
        self._unique("name", ((f"feature {number}", each.name) for number, each in numbered))
        self.commands = self._merged("command", features, lambda each: each.commands)
        self.operator_commands = self._merged(
            "operator command", features, lambda each: each.operator_commands
        )
        self.buttons = self._merged("button", features, lambda each: each.buttons)
        self.steps: Mapping[str, Step] = self._merged("step", features, lambda each: each.steps)
        self.kinds: Mapping[type[Incoming], Answer] = self._merged(
            "kind of update", features, lambda each: each.kinds
        )
        self.effects: Mapping[type[Effect], CarryOut] = self._merged(
            "effect", features, lambda each: each.effects
        )
        self.listed: Mapping[str, Callable[[Shop], bool]] = self._merged(
            "listed command", features, lambda each: each.listed
        )
        self._operator_owners = {name: each for each in features for name in each.operator_listed}
        self.links = self._merged("link", features, lambda each: each.links)
        self.step_buttons = self._of_steps(features)
        self.places = self._by_place(features)
        self.group = self._one(
            "answer to groups", "group", [(each, each.group) for each in features]
        )
        self.compose = self._one(
            "taking of orders", "compose", [(each, each.compose) for each in features]
        )
        self.files = self._one(
            "answer to files", "files", [(each, each.files) for each in features]
        )
        self._owners = {name: each for each in features for name in each.listed}
        unknown = set(self.listed) - set(self.commands)
        self._problems += [f"/{name} is listed, and no feature answers it" for name in unknown]
        if self._problems:
            raise ValueError("; ".join(sorted(self._problems)))
        everything = {**self.buttons, **self.step_buttons}
        self.spending_buttons = {name for name, each in everything.items() if each.spends}
        self.spending = [each.spends for each in features if each.spends is not None]

    def describe(self, command: str, language: str) -> str:
        """The description of the command in Telegram's list."""
        words = self._owners[command].words
        return words.plain(language, f"command_{command}") if words is not None else command

    def operator_list(self, language: str) -> list[tuple[str, str]]:
        """The commands of operators with their descriptions, in the order of the features."""
        return [
            (name, each.words.plain(language, f"operator_{name}"))
            for name, each in self._operator_owners.items()
            if each.words is not None
        ]

    def _merged(
        self, what: str, features: Sequence[Feature], of: Callable[[Feature], Mapping[K, V]]
    ) -> Mapping[K, V]:
        self._unique(what, ((each.name, name) for each in features for name in of(each)))
        return {name: value for each in features for name, value in of(each).items()}

    def knows(self, step: str) -> bool:
        """Whether a dialogue can be in the step."""
        return step == IDLE or step in self.steps

    def brief(self, step: str) -> bool:
        """Whether a command leaves the step."""
        found = self.steps.get(step)
        return found is not None and found.brief

    def _of_steps(self, features: Sequence[Feature]) -> Mapping[str, Answer]:
        """Buttons of steps by action. An action belongs to one feature, in all its steps."""
        owners = {
            (each.name, action)
            for each in features
            for step in each.steps.values()
            for action in step.buttons
        }
        free = ((each.name, action) for each in features for action in each.buttons)
        self._unique("button", {*owners, *free})
        return {
            action: answer
            for each in features
            for step in each.steps.values()
            for action, answer in step.buttons.items()
        }

    def _by_place(self, features: Sequence[Feature]) -> Mapping[str, Mapping[str, Offered]]:
        claimed = (
            (each.name, f"{place}.{name}")
            for each in features
            for place, offered in each.places.items()
            for name in offered
        )
        self._unique("button of a place", claimed)
        places: dict[str, dict[str, Offered]] = {}
        for each in features:
            for place, offered in each.places.items():
                places.setdefault(place, {}).update(offered)
        return places

    def _one(self, what: str, name: str, offered: Sequence[tuple[Feature, V | None]]) -> V | None:
        """What one feature alone may answer; None: nobody does."""
        claimed = [(each.name, value) for each, value in offered if value is not None]
        self._unique(what, ((owner, name) for owner, _ in claimed))
        return next((value for _, value in claimed), None)

    def _unique(self, what: str, claims: Iterable[tuple[str, object]]) -> None:
        owners: dict[object, str] = {}
        for owner, name in claims:
            other = owners.setdefault(name, owner)
            if other != owner:
                self._problems.append(f"{other} and {owner} both claim the {what} {_shown(name)}")


def _shown(name: object) -> str:
    return name.__name__ if isinstance(name, type) else repr(name)
