"""Values that others wrote, made safe where they enter.

``foreign.py`` has the types: text that can be stored, a line that can be shown, numbers in
their range, JSON. ``telegram_id.py`` says which numbers can be a user or a chat. Whoever reads
Telegram, kie.ai, the environment or a file turns its values into these at once.
"""
