"""Sentences: the mechanism, what several rooms say, and what operators are told.

Rules the code relies on

1. Every sentence stands in a table per language; a room's own tables stand in the room.
2. A user's or a foreign text reaches Telegram only through ``escape``: fields of a sentence are
   escaped unless they are ``Markup`` already.
3. A number that a word follows is written ``{n:word}``; the word has a form for each class of
   numbers of its language (``plurals.py``).
4. All languages have the same keys with the same fields. ``tests/unit/words`` keeps that.

A third language: its code in ``LANGUAGES``, its forms in ``plurals.py``, and a table beside
each ``shared_en.py`` and ``texts_en.py``, named in the ``words.py`` of its room.
"""
