"""Money: an append-only ledger, the balances that it makes, and the nightly comparison.

Who is authoritative
    The table ``ledger``. A balance is the sum of a user's entries at one bot, changed in the
    statement that adds one, so that ``balance = sum(ledger)`` holds at every commit
    (``ledger.py`` says what is booked when, and its rules).

What happens on failure
    An entry and what it stands for are one transaction: both are there or none. A repeated one
    meets a unique index and changes nothing. ``audit.py`` compares balances with entries and
    jobs with entries each night; a difference is told to the operator and never repaired.
"""
