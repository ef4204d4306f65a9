"""What every feature of the conversation shares.

``incoming.py`` reads an update as the conversation sees it. ``facts.py`` is what every rule
may look at. ``effects.py`` is what a rule may ask for. ``buttons.py`` and ``places.py`` say how
buttons are written and where those of several features stand together. Nothing here decides
anything, and nothing here knows a database, a clock or Telegram's API.
"""
