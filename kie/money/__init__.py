"""Money: the ledger, payments, packs and prices, what is given away, the nightly self-check.

Who is authoritative
    The table ``ledger``. A balance is the sum of a user's entries at one bot, changed in the
    statement that adds one, so that ``balance = sum(ledger)`` holds at every commit
    (``ledger.py`` says what is booked when, and its rules).

What happens on failure
    An entry and the change that it records are committed together. A repeated entry violates a
    unique index and changes nothing. ``audit.py`` compares balances, jobs and payments with the
    entries each night. A difference is reported to the operator and never repaired.
"""
