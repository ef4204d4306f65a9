"""The texts for users and operators: how they are looked up, and those that several rooms use.

Rules

1. Every sentence stands in a table per language. A feature has its own tables in its folder; texts
   of several rooms stand in ``shared_texts_*.py``, those of notices for operators in
   ``notices.py``.
2. A text of a user or of a foreign service reaches Telegram only through ``escape``: fields of a
   sentence are escaped unless they are ``Markup``.
3. A number that a word follows is written ``{n:word}``; the word has a form for each class of
   numbers of its language (``languages.py``).
4. All languages have the same keys with the same fields. ``tests/unit/words`` keeps that.

A third language is a file in ``more/``; ``docs/languages.md`` says how to write it.
"""
