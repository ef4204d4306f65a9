"""A snapshot of what is the same for every user: what is on sale, payment, support."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from handlers.shop.offers import Offer
from handlers.words.languages import named
from kie.catalogue.availability import Maintenance
from kie.catalogue.file_actions import FileAction
from kie.catalogue.model import CATEGORIES
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs

Rest = ParamSpec("Rest")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Support:
    """The contact for users; both empty: the screen is hidden."""

    contact: str = ""
    text: str = ""

    @property
    def shown(self) -> bool:
        return bool(self.contact or self.text)


@dataclass(frozen=True, slots=True)
class Payment:
    """How users pay the operator by hand; without a card or phone it is hidden."""

    bank: str = ""
    card: str = ""
    holder: str = ""
    phone: str = ""

    @property
    def shown(self) -> bool:
        return bool(self.card or self.phone)


@dataclass(frozen=True, slots=True)
class Documents:
    """Texts of the operator in place of our own; empty: ours."""

    privacy: str = ""
    terms: str = ""


@dataclass(frozen=True)
class Shop:
    """What is the same for every user now.

    Without slots, for its cached properties.
    """

    offers: Mapping[str, Offer]
    support: Support
    payment: Payment = Payment()
    documents: Documents = Documents()
    admins: frozenset[int] = frozenset()
    bot_name: str = ""
    bot_username: str = ""
    inline: bool = False  #: whether users may share their works by inline queries
    #: Recent uses of models, for the order in lists.
    uses: Mapping[str, int] = field(default_factory=dict)
    #: Withdrawn models and the reasons; they are not among ``offers``.
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    #: What can be done to a file that is there, by action (``kie/catalogue/file_actions.py``).
    does: Mapping[str, FileAction] = field(default_factory=dict)
    #: Why kie.ai takes no requests from this account, for the log; None: it takes them.
    closed: str | None = None
    closed_for_long: bool = False  #: credits that are bought now could not be spent soon
    packs: tuple[Pack, ...] = ()  #: of credits, on sale
    tariffs: Tariffs = Tariffs()  #: prices that the operator has changed
    maintenance: Maintenance | None = None  #: nothing new is taken

    @cached_property
    def known(self) -> dict[Any, Any]:
        """What ``per_shop`` has found; it ends with this snapshot."""
        return {}

    @property
    def by_hand(self) -> bool:
        """Whether users can pay by hand: there are requisites, and operators who decide."""
        return self.payment.shown and bool(self.admins)

    @cached_property
    def sells(self) -> bool:
        """Whether anything here costs credits."""
        return any(each.price or each.free_per_day for each in self.offers.values())

    @cached_property
    def by_use(self) -> Sequence[Offer]:
        """Those of the lists, most used first, the others in the order of the catalogue."""
        listed = [each for each in self.offers.values() if each.listed]
        return sorted(listed, key=lambda each: -self.uses.get(each.model, 0))

    @cached_property
    def presets(self) -> Sequence[Offer]:
        """The presets, in the order of the catalogue."""
        return [each for each in self.offers.values() if each.preset_of]

    @cached_property
    def categories(self) -> Mapping[str, int]:
        """How many offers there are of each category that has any."""
        counts = Counter(each.category for each in self.by_use)
        return {name: counts[name] for name in CATEGORIES if counts[name]}

    def able_to(self, action: str, kind: str) -> Sequence[Offer]:
        """The models on sale that do this to a file of that kind, the best default first."""
        known = self.does.get(action)
        named = known.models if known is not None else ()
        found = [self.offers[each] for each in named if each in self.offers]
        return [each for each in found if any(asked.type == kind for asked in each.questions)]

    def default_words(self, action: str, language: str) -> str:
        """What is asked for when the user writes nothing; empty: the user has to write."""
        known = self.does.get(action)
        return named(known.words, language) if known is not None else ""

    def is_default(self, words: str) -> bool:
        """Whether these are the words of an action, in any language, and not the user's."""
        return words in self._default_words

    @cached_property
    def _default_words(self) -> frozenset[str]:
        return frozenset(words for each in self.does.values() for words in each.words.values())


def per_shop(
    find: Callable[Concatenate[Shop, Rest], Found],
) -> Callable[Concatenate[Shop, Rest], Found]:
    """What follows from the shop alone, found once for each snapshot of it. Its other arguments,
    without names, are few: a language, a task."""

    @wraps(find)
    def found(shop: Shop, /, *args: Rest.args, **named: Rest.kwargs) -> Found:
        key, known = (find, args), shop.known
        before = known.get(key, known)  # ``known`` itself stands for nothing
        if before is known:
            # Two threads may both find it: the same.
            before = known[key] = find(shop, *args, **named)
        return before  # type: ignore[no-any-return] # as it was found

    return found
