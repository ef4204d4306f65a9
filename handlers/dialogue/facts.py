"""Everything a decision may look at, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.incoming import Incoming
from handlers.offers import Offer
from kie.money import Account, Entry

IDLE = "idle"
ASK = "ask"
CONFIRM = "confirm"
SETTINGS = "settings"
SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the user is in the conversation of this chat."""

    step: str = IDLE
    version: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier job of this user, to be made again."""

    job_id: int
    model: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Support:
    """Where users find a human; both empty: the screen is hidden."""

    contact: str = ""
    text: str = ""

    @property
    def shown(self) -> bool:
        return bool(self.contact or self.text)


@dataclass(frozen=True, slots=True)
class Payment:
    """Where users pay the operator by hand; without a card or phone it is hidden."""

    bank: str = ""
    card: str = ""
    holder: str = ""
    phone: str = ""

    @property
    def shown(self) -> bool:
        return bool(self.card or self.phone)


@dataclass(frozen=True, slots=True)
class Shop:
    """What is the same for every user at this moment."""

    offers: Mapping[str, Offer]
    support: Support
    payment: Payment = Payment()
    admins: frozenset[int] = frozenset()
    bot_name: str = ""
    bot_username: str = ""
    #: How often models were used of late, for the order in lists.
    uses: Mapping[str, int] = field(default_factory=dict)
    #: Models that are off the menu, and why; they are not among ``offers``.
    withdrawn: Mapping[str, str] = field(default_factory=dict)
    #: Why kie.ai takes no requests from us, for the log; None while it does.
    closed: str | None = None

    @property
    def sells(self) -> bool:
        """Whether credits mean anything here."""
        return any(each.price or each.free_per_day for each in self.offers.values())


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that went wrong for good."""

    kind: str  #: ``update``, ``delivery`` or ``job``
    number: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole installation at this moment, for operators; ``status.py`` has the words."""

    active: Mapping[str, Any] | None = None
    waiting: Sequence[str] = ()
    queue: Mapping[str, Any] = field(default_factory=dict)
    jobs: Mapping[str, int] = field(default_factory=dict)  #: by state
    money: Mapping[str, Any] = field(default_factory=dict)  #: of today, and ``at``: now
    troubles: Mapping[str, str] = field(default_factory=dict)  #: /health's, by part
    mishaps: Sequence[Mishap] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """One update and what was found for it."""

    incoming: Incoming
    language: str
    standing: Standing
    shop: Shop
    reachable: bool = True
    late: bool = False  #: it waited for so long that its user has looked elsewhere
    answered: bool = False  #: a press whose spinner was ended before it came to this
    account: Account = Account()
    entries: Sequence[Entry] = ()  #: the latest of this user's ledger, newest first
    past: Past | None = None
    overview: Overview | None = None  #: for an operator who asks for it

    @property
    def admin(self) -> bool:
        return is_admin(self.incoming, self.shop)


def is_admin(incoming: Incoming, shop: Shop) -> bool:
    """An operator writes, in private: by the number that Telegram gives, nothing else."""
    sender = incoming.sender
    in_private = sender.private and sender.chat_id == sender.user_id
    return in_private and sender.user_id in shop.admins
