"""Everything a decision may look at, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.incoming import Incoming
from handlers.offers import Offer
from kie.money import Account

IDLE = "idle"
ASK = "ask"
CONFIRM = "confirm"


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
class Shop:
    """What is the same for every user at this moment."""

    offers: Mapping[str, Offer]
    support: Support
    bot_name: str = ""
    bot_username: str = ""
    #: Why kie.ai takes no requests from us, for the log; None while it does.
    closed: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """One update and what was found for it."""

    incoming: Incoming
    language: str
    standing: Standing
    shop: Shop
    reachable: bool = True
    account: Account = Account()
    past: Past | None = None
