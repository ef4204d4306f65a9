"""The conversation's parts on a real database, with a Telegram that does as it is told."""
