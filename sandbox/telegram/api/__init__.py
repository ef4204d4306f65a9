"""The Bot API.

``endpoint`` speaks HTTP, ``parameters`` says what each method takes, ``methods`` finds the part
that carries it out. Each part lists its methods and refuses in Telegram's words.
"""
