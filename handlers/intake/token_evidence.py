"""Whether this token has ever worked, by the tables: has the bot received or sent anything?"""

import sql
from supervisor.database.transactions import Database

_SQL = sql.load("intake")


def has_worked(database: Database, bot_id: int) -> bool:
    """True once the bot has received an update or sent a message.

    Raises what the database raises.
    """
    with database.transaction() as tx:
        return tx.one(_SQL["bot_has_worked"], {"bot_id": bot_id}) is not None
