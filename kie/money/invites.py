"""Invitations: who brought whom, and the reward of both when the friend has paid.

Starting the bot earns nothing, and neither do credits that were given away. The reward is booked in
the transaction that books the friend's payment or a result that was paid with bought credits, so a
crash cannot lose it. There is one level: the friends of a
friend bring the inviter nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import REWARDS
from supervisor.settings.identity import Identity

REWARD = 20  #: credits for the friend, and for the inviter
MOST = 50  #: rewards of one inviter within 30 days

_SQL = sql.load("money_gifts")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A user's own link, and what came of it."""

    code: str
    came: int
    rewarded: int


def of(tx: Tx, identity: Identity, user_id: int) -> Invitation:
    """The user's own code is kept from now on."""
    named = {"bot_id": identity.bot_id, "user_id": user_id}
    code = identity.invite_code(user_id)
    tx.run(_SQL["invite_code"], {**named, "code": code})
    row = tx.one(_SQL["invited"], named) or {"code": None, "came": 0, "rewarded": 0}
    return Invitation(row["code"] or code, row["came"], row["rewarded"])


def note(tx: Tx, bot_id: int, friend: int, code: str) -> bool:
    """Record who invited a new user. False: the link does not count."""
    named = {"bot_id": bot_id, "user_id": friend, "code": code}
    return tx.one(_SQL["note_invite"], named) is not None


def lock(tx: Tx, bot_id: int, friends: Sequence[int]) -> None:
    """Lock these users and their inviters. It comes before any other change of their accounts:
    locks are taken in the order of the ids."""
    tx.all(_SQL["lock_invited"], {"bot_id": bot_id, "friends": list(friends)})


def reward(tx: Tx, bot_id: int, friends: Sequence[int]) -> None:
    """These users have paid, or got what they have paid for: those who were invited and have paid
    money are rewarded once, and so are their inviters."""
    rows = tx.all(_SQL["due_rewards"], {"bot_id": bot_id, "friends": list(friends)})
    due = [row["friend"] for row in rows]
    if not due:
        return
    lock(tx, bot_id, due)
    named = {"bot_id": bot_id, "friends": due, "reward": REWARD, "most": MOST}
    tx.all(_SQL["reward"], named)
    tx.wake(REWARDS)


def take_back(tx: Tx, bot_id: int, friend: int, charge_id: str) -> None:
    """The friend's payment goes back, and with it what both got, as far as it is not spent."""
    tx.run(_SQL["take_reward"], {"bot_id": bot_id, "friend": friend, "charge_id": charge_id})


def give_again(tx: Tx, bot_id: int, friend: int, charge_id: str) -> None:
    """The payment did not go back: both have again what was taken for it."""
    tx.run(_SQL["give_reward_again"], {"bot_id": bot_id, "friend": friend, "charge_id": charge_id})


def untold(tx: Tx, bot_id: int) -> bool:
    """Whether there are rewards that nobody was told of."""
    return tx.one(_SQL["rewards_untold"], {"bot_id": bot_id}) is not None


def to_tell(tx: Tx, bot_id: int) -> Sequence[Row]:
    """Rewards that were not told yet, each once, with the languages of both users."""
    return tx.all(_SQL["invites_to_tell"], {"bot_id": bot_id})


def make_campaign(tx: Tx, bot_id: int, name: str) -> bool:
    """Visits by the link of this campaign are counted from now on. False: they were before."""
    return tx.run(_SQL["make_campaign"], {"bot_id": bot_id, "name": name}) > 0


def count_visit(tx: Tx, bot_id: int, user_id: int, name: str) -> None:
    """Count a visit by the link of a campaign, if an operator has made that link."""
    tx.run(_SQL["count_visit"], {"bot_id": bot_id, "user_id": user_id, "name": name})


def campaigns(tx: Tx, bot_id: int) -> Sequence[Row]:
    """The links that were followed most."""
    return tx.all(_SQL["campaigns"], {"bot_id": bot_id})
