"""Real files made without any library, and recognised by how they begin.

Both simulators hand them out: kie.ai as results, Telegram's users as what they send.
"""
