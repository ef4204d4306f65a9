"""Accounts that operators have closed: no new jobs and no payments. What runs is delivered.

The column ``accounts.banned`` decides. Every rule that takes an order or a payment asks for it:
orders of jobs by ``Account.banned``, payments by ``is_banned``.
"""

import sql
from supervisor.database.transactions import Tx

_SQL = sql.load("money_bans")


def is_banned(tx: Tx, bot_id: int, user_id: int) -> bool:
    """Whether an operator has closed this account."""
    return tx.one(_SQL["is_banned"], {"bot_id": bot_id, "user_id": user_id}) is not None


def set_banned(tx: Tx, bot_id: int, user_id: int, *, banned: bool) -> bool:
    """Close the account, or open it again. False: it is so already, or there is none."""
    named = {"bot_id": bot_id, "user_id": user_id, "banned": banned}
    return tx.one(_SQL["set_banned"], named) is not None
