"""The offers of the shop, from which the dialogue is generated.

An ``Offer`` is a model as users see it: its required inputs are the questions, in order, the other
inputs its settings. Both are ``Input`` objects of the catalogue, which check what kie.ai accepts.
Inputs that users are not asked for are left out; the catalogue fills them in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from handlers.words.languages import named
from kie.catalogue.catalogue import Catalogue
from kie.catalogue.follow import Follow
from kie.catalogue.input import Complaint, Input, InputType
from kie.catalogue.model import Model
from kie.catalogue.presets import Preset
from kie.catalogue.user_file import UserFile

Inputs = Mapping[str, Any]
Rest = ParamSpec("Rest")
Found = TypeVar("Found")

MOST_KNOWN = 500  #: of what ``per_offer`` keeps of one offer


@dataclass(frozen=True)
class Offer:
    """A model as users see it.

    Without slots, for its cached properties: each card and menu asks many offers for them.
    """

    model: str
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    price: int  #: the lowest price of any inputs; 0: free
    seconds: float  #: how long it usually takes: measured, else what the catalogue says
    questions: tuple[Input, ...]
    settings: tuple[Input, ...] = ()
    kind: str = "image"  #: of the result
    category: str = "image"
    #: What is taken from an earlier job, never asked for; with any, the offer is in no list.
    sources: tuple[Input, ...] = ()
    follows: tuple[Follow, ...] = ()  #: the jobs from which it goes on
    #: The model that does it, where the offer is a preset; such an offer is in no list either.
    preset_of: str = ""
    #: Free jobs a day (UTC); after them it costs ``price``, or is not available where that is 0.
    free_per_day: int | None = None
    least_cost: float = 0.0  #: what kie.ai charges at least, in its credits
    #: The price of complete inputs, where they decide.
    pricing: Callable[[Inputs], int] | None = None
    #: Complaints about complete inputs; [] is good.
    complaints: Callable[[Inputs], Sequence[Complaint]] = lambda _: ()
    #: The answers with the inputs that users are not asked for.
    complete: Callable[[Inputs], dict[str, Any]] = dict

    #: A preset's own words in the inputs of a job; None: the job is not of this preset.
    words_in: Callable[[Inputs], str | None] = lambda _: None

    @property
    def made_by(self) -> str:
        """The model of kie.ai's that does it."""
        return self.preset_of or self.model

    @property
    def listed(self) -> bool:
        """Whether it stands in the lists of models."""
        return not self.sources and not self.preset_of

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What ``per_offer`` has found; it ends with this object."""
        return {}

    @cached_property
    def prompt(self) -> Input | None:
        """The input with the description of what the user wants."""
        texts = [each for each in self.questions if each.type is InputType.TEXT]
        return texts[0] if texts else self.input("prompt")

    @cached_property
    def required_files(self) -> tuple[str, ...]:
        """The kinds of files that it requires."""
        return tuple(each.type.value for each in self.questions if each.is_file)

    @cached_property
    def _asked(self) -> Mapping[str, Input]:
        asked = (*self.questions, *self.settings, *self.sources)
        return {each.name: each for each in reversed(asked)}

    def title(self, language: str) -> str:
        """The name that users read."""
        return named(self.titles, language) or self.model

    def words_of(self, inputs: Inputs) -> str:
        """The user's description; empty: none."""
        asked = self.prompt
        return str(inputs.get(asked.name, "")) if asked is not None else ""

    def takes_words(self, words: str) -> bool:
        """Whether these can be the description."""
        return self.prompt is not None and self.prompt.problem(words) is None

    def input(self, name: str) -> Input | None:
        """A question, a setting or a source of that name."""
        return self._asked.get(name)

    def accepted(self, inputs: Inputs) -> dict[str, Any]:
        """Those of ``inputs`` that this offer has and accepts."""
        return {
            name: value
            for name, value in inputs.items()
            if (asked := self.input(name)) is not None and asked.problem(value) is None
        }

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """Answers to the questions that need not be asked."""
        usual = {each.name: _usual(each) for each in self.questions}
        return {name: value for name, value in usual.items() if value is not None}

    def open_question(self, inputs: Inputs) -> Input | None:
        """The next question without a good answer; None: ready to confirm."""
        for each in self.questions:
            if each.name not in inputs or each.problem(inputs[each.name]) is not None:
                return each
        return None

    def takes(self, kind: str) -> Input | None:
        """The input for a file of that kind; None: there is none."""
        asked = (*self.questions, *self.settings)
        return next((each for each in asked if each.is_file and each.type == kind), None)

    def has_room(self, inputs: Inputs, asked: Input) -> bool:
        """Whether one more file fits without replacing another."""
        given = inputs.get(asked.name)
        if isinstance(given, list):
            return len(given) < asked.max_items
        return given is None

    def with_file(self, inputs: Inputs, asked: Input, file: UserFile) -> dict[str, Any]:
        """The inputs with one more file: added to a list, else replacing the other."""
        given = inputs.get(asked.name)
        listed = given if isinstance(given, list) and asked.max_items > 1 else []
        value = [*listed, file.as_json()] if asked.many else file.as_json()
        return {**inputs, asked.name: value}

    def price_of(self, inputs: Inputs) -> int:
        """The price of these answers, which are complete and accepted."""
        return self.price if self.pricing is None else self.pricing(self.complete(inputs))

    def check(self, inputs: Inputs) -> Sequence[Complaint]:
        """The problems of these inputs; empty: none."""
        return self.complaints(self.complete(inputs))


def _usual(asked: Input) -> Any:
    """The answer that a question has unless its user says otherwise; None: it must be asked."""
    if asked.default is not None:
        return asked.default
    match asked.type:
        case InputType.CHOICE if asked.choices:
            return asked.choices[0]
        case InputType.SWITCH:
            return False
        case InputType.INTEGER if asked.min is not None:
            return int(asked.min)
        case _:
            return None


def per_offer(
    find: Callable[Concatenate[Offer, Rest], Found],
) -> Callable[Concatenate[Offer, Rest], Found]:
    """What follows from the offer and these arguments alone, found once for each of them. They
    have no names and hold no words of a user."""

    @wraps(find)
    def found(offer: Offer, /, *args: Rest.args, **named: Rest.kwargs) -> Found:
        key, known = (find, args), offer.known
        before = known.get(key, known)  # ``known`` itself stands for nothing
        if before is not known:
            return before  # type: ignore[no-any-return] # as it was found
        if len(known) >= MOST_KNOWN:
            known.clear()
        # Two threads may both find it: the same.
        return known.setdefault(key, find(offer, *args, **named))  # type: ignore[no-any-return] # as it was found

    return found


def preset_behind(
    offers: Mapping[str, Offer], model: str, inputs: Inputs
) -> tuple[Offer, str] | None:
    """The preset that a job was ordered by, and what its user wrote; None: it was none."""
    for each in offers.values():
        if each.preset_of == model and (words := each.words_in(inputs)) is not None:
            return each, words
    return None


def as_ordered(
    offers: Mapping[str, Offer], model: str, inputs: Inputs
) -> tuple[Offer | None, Inputs]:
    """The offer that a job was ordered by, and its user's own answers: those of the preset, where
    it was one. None: the offer is not on sale."""
    preset = preset_behind(offers, model, inputs)
    if preset is None:
        return offers.get(model), inputs
    offer, words = preset
    answers = {each.name: inputs[each.name] for each in offer.questions if each.name in inputs}
    prompt = offer.prompt
    return offer, answers if prompt is None else {**answers, prompt.name: words}


def offers_of(catalogue: Catalogue) -> dict[str, Offer]:
    """Every model and preset of the catalogue by its id, in the order of the files."""
    models = {model.id: _offer(model) for model in catalogue.models()}
    return models | {each.id: _preset(each) for each in catalogue.presets}


def _offer(model: Model) -> Offer:
    asked = [each for each in model.inputs if each.asked]
    return Offer(
        model=model.id,
        titles=model.title,
        summaries=model.about,
        price=model.least_price,
        seconds=model.expected_seconds,
        questions=tuple(each for each in asked if each.required),
        settings=tuple(each for each in asked if not each.required),
        sources=tuple(each for each in model.inputs if each.type is InputType.SOURCE),
        follows=model.follows,
        kind=model.kind,
        category=model.category,
        free_per_day=model.free_per_day,
        least_cost=model.least_cost,
        pricing=model.price if model.varies else None,
        complaints=model.check,
        complete=model.complete,
    )


def _preset(spec: Preset) -> Offer:
    """The model's own conversation, with its inputs filled in."""
    model = spec.model
    varies = model.varies
    return Offer(
        model=spec.id,
        titles=spec.title,
        summaries=spec.about,
        price=model.least_price,
        seconds=model.expected_seconds,
        questions=spec.questions,
        kind=model.kind,
        category=model.category,
        preset_of=model.id,
        free_per_day=model.free_per_day,
        least_cost=model.least_cost,
        pricing=model.price if varies else None,
        complaints=spec.check,
        complete=spec.complete,
        words_in=spec.words_of,
    )
