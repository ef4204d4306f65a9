"""Messages of the bot: what the methods for sending, editing and copying make of a chat.

Each part lists its methods and refuses in Telegram's words.
"""
