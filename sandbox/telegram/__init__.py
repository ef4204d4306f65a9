"""A Telegram that runs here: one bot, some users, the real rules.

``server`` speaks HTTP, ``parameters`` says what each method takes, ``methods`` does it,
``delivery`` brings updates to the bot, ``actions`` are what users do, ``control`` steers.

Assumed, since Telegram documents it only in its open-source server: the hosted service
behaves like that server.
"""

from sandbox.telegram.server import TelegramSandbox

__all__ = ["TelegramSandbox"]
