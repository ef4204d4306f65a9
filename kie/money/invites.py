"""Invitations: who brought whom, and the reward of both when the friend has paid.

Starting the bot earns nothing. The reward is booked in the transaction that books the friend's
first payment or first paid result, so a crash cannot lose it. There is one level: the friends of a
friend bring the inviter nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from supervisor.database.transactions import Row, Tx
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
    tx.one(_SQL["invite_code"], {**named, "code": code})
    row = tx.one(_SQL["invited"], named) or {"came": 0, "rewarded": 0}
    return Invitation(code, row["came"], row["rewarded"])


def note(tx: Tx, bot_id: int, friend: int, code: str) -> bool:
    """Record who invited a new user. False: the link does not count."""
    named = {"bot_id": bot_id, "user_id": friend, "code": code}
    return tx.one(_SQL["note_invite"], named) is not None


def reward(tx: Tx, bot_id: int, friends: Sequence[int]) -> None:
    """These users have paid: those who were invited are rewarded once, and their inviters."""
    named = {"bot_id": bot_id, "friends": list(friends), "reward": REWARD, "most": MOST}
    tx.all(_SQL["reward"], named)


def taken(tx: Tx, bot_id: int, friend: int) -> int | None:
    """The inviter whose reward for this friend is over; None: there was none."""
    row = tx.one(_SQL["take_invite"], {"bot_id": bot_id, "friend": friend})
    return None if row is None else int(row["inviter"])


def to_tell(tx: Tx, bot_id: int) -> Sequence[Row]:
    """Rewards that were not told yet, each once, with the languages of both users."""
    return tx.all(_SQL["invites_to_tell"], {"bot_id": bot_id})


def count_visit(tx: Tx, bot_id: int, user_id: int, name: str) -> None:
    """Count a visit by the link of a campaign."""
    tx.run(_SQL["count_visit"], {"bot_id": bot_id, "user_id": user_id, "name": name})


def campaigns(tx: Tx, bot_id: int) -> Sequence[Row]:
    """The links that were followed most."""
    return tx.all(_SQL["campaigns"], {"bot_id": bot_id})
