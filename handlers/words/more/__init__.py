"""Languages beside English and Russian: one file each, found by itself.

A file ``<code>.py`` here holds ``LANGUAGE``, a ``handlers.words.languages.Language``. How to write
one: ``docs/languages.md``.
"""
