"""The Bot API, without its messages.

Each part lists its methods and refuses in Telegram's words.
"""
