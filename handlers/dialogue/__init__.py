"""The dialogue: what every feature shares, from the parsed update to screens and buttons.

Who is authoritative
    Telegram's JSON for what happened, the table ``dialogues`` for the user's step and answers. The
    room uses no database, no clock and no call to Telegram, and decides nothing.

``update_reader.py`` turns an update into one of the types of ``incoming.py``. ``facts.py`` is the
input of every rule, ``effects.py`` what a rule may return. ``buttons.py`` encodes the data of a
button; ``places.py`` puts buttons of several features on one screen.

Rules

1. An update that does not have the shape of the Bot API raises; an explicit null counts as absent.
   Fields that a later Bot API adds are ignored, and unknown content is ``Other``.
2. A user's file is kept as Telegram's file id, never as a URL.
3. Callback data is ``action|version|argument``, at most 64 bytes. Only a button that is valid at
   any time has no version.
4. An operator is recognised by the Telegram id in a private chat, by nothing else.

What happens on failure
    ``dispatch`` sets an update aside that cannot be read, and handles the ones behind it.
"""
