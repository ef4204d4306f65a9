"""What every feature of the conversation shares.

Who is authoritative
    Telegram's JSON for what happened, ``dialogues`` for where the user stands. Nothing here knows a
    database, a clock or Telegram's API, and nothing here decides anything.

``update_reader.py`` turns an update into one of the types of ``incoming.py``. ``facts.py`` is what
every rule may look at. ``effects.py`` is what a rule may ask for. ``buttons.py`` is the text that a
button carries; ``places.py`` says where buttons of several features stand together.

Rules

1. An update that does not have the shape of the Bot API raises; an explicit null counts as absent.
   Fields that a later Bot API adds are ignored, and unknown content is ``Other``.
2. A user's file is kept as Telegram's file id, never as a URL.
3. Callback data is ``action|version|argument``, at most 64 bytes. Only a button that is right at
   any time has no version.
4. An operator is recognised by Telegram's number and a private chat, by nothing else.

What happens on failure
    ``dispatch`` sets an update that cannot be read aside, and the updates behind it go on.
"""
