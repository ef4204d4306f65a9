"""What users do. Each action becomes an update on its way to the bot.

``speaking`` is what they write and send, ``asking`` what they wait for (presses, payments, inline
queries), ``membership`` who blocks the bot and which groups there are.
"""
