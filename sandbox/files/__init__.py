"""Real files, made without libraries, and the recognition of files by their first bytes.

kie.ai's simulator returns them as results; the simulated users of Telegram send them.
"""
