"""The facts that every rule gets. What only some rules need, their feature loads itself."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Self

from handlers.dialogue.effects import Screen
from handlers.dialogue.incoming import Incoming
from handlers.dialogue.places import Places, Spot
from handlers.shop.shop import Shop
from handlers.words.texts import Markup
from kie.money.ledger import Account
from supervisor.values.record import record

#: The step of a dialogue that has not begun.
IDLE = "idle"
MOST_VERSIONS = 2**31 - 1  #: that the column holds
#: In the answers of a dialogue: something else stands in place of its step's screen.
COVERED = "covered"


@record
class Dialogue:
    """A row of ``dialogues``: the step that the user is in, its version, the answers so far."""

    step: str = IDLE
    version: int = 0
    answers: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def stored(cls, row: Mapping[str, Any]) -> Self:
        """The dialogue of a row with these columns. Answers that are not an object count as none,
        and a version that cannot grow counts as 0: another program has written them."""
        answers, version = row["answers"], row["version"]
        counts = 0 <= version < MOST_VERSIONS
        return cls(row["step"], version if counts else 0, answers if type(answers) is dict else {})

    def moved(self, step: str, answers: Mapping[str, Any], *, quiet: bool = False) -> "Dialogue":
        """The dialogue after it has taken this step; ``quiet`` keeps the version."""
        return Dialogue(step, self.version if quiet else self.version + 1, answers)


@record
class Facts:
    """One update, and what its transaction has read for it."""

    incoming: Incoming
    language: str
    dialogue: Dialogue
    shop: Shop
    reachable: bool = True
    late: bool = False  #: it waited so long that Telegram takes no answer to a press
    answered: bool = False  #: a press that ``intake/callback_answers.py`` has answered
    account: Account = Account()
    places: Places = Places()
    #: The message with the buttons of the dialogue; None: there is none, or its id is unknown.
    card: int | None = None

    @property
    def admin(self) -> bool:
        return is_admin(self.incoming, self.shop)

    @property
    def covered(self) -> bool:
        """Whether the user sees another screen than that of the step."""
        return bool(self.dialogue.answers.get(COVERED))

    def credited(self, credits: int) -> Self:
        """The same after an effect of this update has booked credits for the user."""
        account = replace(self.account, balance=self.account.balance + credits)
        return replace(self, account=account)

    def moved(self, step: str, answers: Mapping[str, Any]) -> Self:
        """The same after the dialogue has taken this step."""
        return replace(self, dialogue=self.dialogue.moved(step, answers))

    def spot(self, language: str | None = None) -> Spot:
        """The input of buttons of a place, in this language or the user's."""
        return Spot(language or self.language, self.shop, discount=self.account.discount)

    def sentence(self, text: Markup, language: str | None = None) -> Screen:
        """A sentence with the buttons of the place ``home``."""
        return self.places.sentence(text, self.spot(language))

    def at_desk(self, text: Markup) -> Screen:
        """A sentence for an operator, with the way back to the panel."""
        return Screen(text, self.places.keyboard("operators", self.spot()))


def is_admin(incoming: Incoming, shop: Shop) -> bool:
    """Whether the sender is an operator in private: by the Telegram id, nothing else."""
    sender = incoming.sender
    in_private = sender.private and sender.chat_id == sender.user_id
    return in_private and sender.user_id in shop.admins
