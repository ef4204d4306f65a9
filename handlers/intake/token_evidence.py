"""What the tables say of a token: has this bot ever heard of Telegram?"""

import sql
from supervisor.database.transactions import Database

_SQL = sql.load("intake")


def has_worked(database: Database, bot_id: int) -> bool:
    """An installation whose bot has received or sent something has had a token that works.

    Raises what the database raises.
    """
    with database.transaction() as tx:
        return tx.one(_SQL["bot_has_worked"], {"bot_id": bot_id}) is not None
