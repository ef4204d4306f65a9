"""The conversation's parts, on a real database or with fakes, and an obedient Telegram."""
