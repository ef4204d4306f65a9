"""A snapshot of what is the same for every user: what is on sale, payment, support."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import zip_longest

from handlers.shop.offers import Offer
from handlers.words.languages import named
from kie.catalogue.file_actions import FileAction
from kie.catalogue.model import CATEGORIES
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs

FAVOURITES = 6  #: models in the main menu


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


@dataclass(frozen=True)
class Shop:
    """What is the same for every user now.

    Without slots, for its cached properties.
    """

    offers: Mapping[str, Offer]
    support: Support
    payment: Payment = Payment()
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
    def effects(self) -> Sequence[Offer]:
        """The effects, in the order of the catalogue."""
        return [each for each in self.offers.values() if each.effect_of]

    @cached_property
    def favourites(self) -> Sequence[Offer]:
        """The most used offers, filled up from each category in turn."""
        listed = [each for each in self.offers.values() if each.listed]
        if len(listed) <= FAVOURITES:
            return listed
        used = [each for each in self.by_use if self.uses.get(each.model)]
        kinds = [[each for each in listed if each.category == c] for c in CATEGORIES]
        turns = [each for turn in zip_longest(*kinds) for each in turn if each is not None]
        chosen = {each.model: each for each in (*used[:FAVOURITES], *turns)}
        return list(chosen.values())[:FAVOURITES]

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
