"""Values from outside, made safe where they enter.

``foreign.py`` has the types: text that can be stored, a line that can be shown, numbers within a
range, JSON. ``telegram_id.py`` says which numbers can be the id of a user or a chat. Code that
reads from Telegram, kie.ai, the environment or a file converts its values at once. ``record.py``
is for what is made many times for each update, ``retention.py`` says how long rows are kept.
"""
