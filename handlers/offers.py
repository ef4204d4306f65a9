"""What the shop offers, in the form the conversation is generated from.

The only place of this package that knows the catalogue's own classes. An ``Offer`` is a
model with its questions in order; a ``Question`` is a text or a choice. Inputs that a
user is never asked for stay out: the catalogue fills them in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kie.catalogue import Catalogue
from kie.catalogue_input import Input, InputType, prompt_length
from kie.catalogue_model import Model


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a model wants to know."""

    name: str
    labels: Mapping[str, str]  #: by language
    choices: tuple[str, ...] = ()  #: empty: a text
    min_length: int = 1
    max_length: int = 1000

    @property
    def is_text(self) -> bool:
        return not self.choices


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as users see it."""

    model: str
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    price: int  #: 0: free
    seconds: float  #: how long it usually takes
    questions: tuple[Question, ...]
    #: What is sent without asking, beside the answers.
    unasked: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "image"  #: of the result
    #: How often a day (UTC) it costs nothing; then ``price``, or nothing more where that is 0.
    free_per_day: int | None = None
    #: Complaints about a complete set of inputs; [] is good.
    complaints: Callable[[Mapping[str, Any]], Sequence[str]] = lambda _: ()
    length: Callable[[str], int] = len  #: as the model counts a text

    @property
    def prompt(self) -> Question | None:
        """The first text: what the user wants to see."""
        return next((each for each in self.questions if each.is_text), None)

    def complete(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The answers with what is sent unasked."""
        return {**self.unasked, **answers}

    def check(self, answers: Mapping[str, Any]) -> Sequence[str]:
        """What the model would complain about; empty is good."""
        return self.complaints(self.complete(answers))

    def question(self, name: str) -> Question | None:
        return next((each for each in self.questions if each.name == name), None)

    def open_question(self, inputs: Mapping[str, Any]) -> Question | None:
        """The next question without an answer; None: ready to confirm."""
        return next((each for each in self.questions if each.name not in inputs), None)


def offers_of(catalogue: Catalogue) -> dict[str, Offer]:
    """The models that everybody may try, by id, in the order of the menu."""
    return {
        model.id: _offer(model) for model in catalogue.models() if model.free_per_day is not None
    }


def _offer(model: Model) -> Offer:
    return Offer(
        model=model.id,
        titles=model.title,
        summaries=model.about,
        price=model.price({}),
        free_per_day=model.free_per_day,
        seconds=model.expected_seconds,
        questions=tuple(_question(each) for each in model.inputs if _is_asked(each)),
        unasked={
            each.name: _unasked(each)
            for each in model.inputs
            if not _is_asked(each) and (each.required or not each.asked)
        },
        kind=model.kind,
        complaints=lambda inputs: [str(each) for each in model.check(inputs)],
        length=prompt_length,
    )


def _is_asked(field: Input) -> bool:
    """Texts and choices that the model cannot do without."""
    return field.required and field.type in {InputType.TEXT, InputType.CHOICE}


def _unasked(field: Input) -> Any:
    if field.type is InputType.FIXED:
        return field.value
    return bool(field.default)


def _question(field: Input) -> Question:
    return Question(
        name=field.name,
        labels=field.title,
        choices=field.choices,
        max_length=field.max_length,
    )
