"""A model as the catalogue describes it: what it takes, what it gives, what it costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kie.catalogue.cost import Cost
from kie.catalogue.follow import Follow
from kie.catalogue.input import Complaint, Input, InputType

LANGUAGES = ("ru", "en")
#: In the order of the menu. A model stands under the kind of its result, or under tools.
CATEGORIES = ("image", "video", "audio", "tools")
#: Seconds from the creation of a task to its deadline.
DEADLINES = {"image": 15 * 60.0, "video": 60 * 60.0, "audio": 30 * 60.0}


@dataclass(frozen=True)
class Model:
    """One model of kie.ai's market as this bot offers it.

    Without slots, for its cached properties: each card checks its inputs.
    """

    id: str
    kind: str  #: of the result
    category: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    cost: Cost  #: what kie.ai charges
    markup: float  #: credits of this bot for one of kie.ai's
    fixed_price: int | None  #: instead of cost and markup; 0 is free
    free_per_day: int | None  #: how often a day (UTC) a user pays nothing; None: not counted
    expected_seconds: float
    inputs: tuple[Input, ...]
    #: The models whose results it goes on from; empty: it needs none.
    follows: tuple[Follow, ...] = ()

    @property
    def deadline(self) -> float:
        """Seconds after which a task of this model is given up."""
        return DEADLINES[self.kind]

    @property
    def varies(self) -> bool:
        """Whether the price depends on the inputs."""
        return self.fixed_price is None and self.cost.varies

    @property
    def least_price(self) -> int:
        """The least that any inputs may cost."""
        return self._in_credits(self.cost.least(self._known))

    @property
    def least_cost(self) -> float:
        """What kie.ai charges at least, in its credits."""
        return self.cost.least(self._known)

    def price(self, inputs: Mapping[str, Any]) -> int:
        """What a user pays for complete, accepted inputs, in credits of this bot."""
        return self._in_credits(self.cost.credits(inputs))

    def check(self, inputs: Mapping[str, Any]) -> list[Complaint]:
        """Everything that kie.ai would complain about; [] means it will be accepted."""
        problems = [Complaint(name, "unknown") for name in inputs if name not in self._known]
        for field in self.inputs:
            if field.name in inputs:
                problem = field.problem(inputs[field.name])
                if problem is not None:
                    problems.append(problem)
            elif field.required or field.default is not None or not field.asked:
                problems.append(Complaint(field.name, "missing"))
        return problems

    def complete(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The user's answers, with what is always sent added: kie.ai's documentation names
        defaults that its server does not know, and those decide the price."""
        return {**self._defaults, **answers, **self._fixed}

    @cached_property
    def _known(self) -> Mapping[str, Input]:
        return {each.name: each for each in self.inputs}

    @cached_property
    def _defaults(self) -> Mapping[str, Any]:
        return {each.name: each.default for each in self.inputs if each.default is not None}

    @cached_property
    def _fixed(self) -> Mapping[str, Any]:
        return {each.name: each.value for each in self.inputs if each.type is InputType.FIXED}

    def _in_credits(self, kie_credits: float) -> int:
        if self.fixed_price is not None:
            return self.fixed_price
        # Rounded first: 4.8 x 5 must not become a credit more than 24 has.
        return max(1, math.ceil(round(kie_credits * self.markup, 6)))
