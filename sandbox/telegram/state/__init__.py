"""What the simulated Telegram remembers: people, messages, files, updates, queries, Stars.

Plain state for one event loop. Nothing here speaks HTTP or knows a method of the Bot API.
"""
