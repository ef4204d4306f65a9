"""Transactions on PostgreSQL, and the sessions under them.

Who is authoritative
    PostgreSQL, about rows and about itself. ``connection.py`` says what a session of ours is
    like; no setting of a database, a role or the environment changes that.

The way of a transaction::

    Database.transaction ─► Pool.take ─► fence (with a term) ─► statements ─► COMMIT ─► wake-ups
                               │ none idle
                               └─► connect: limits and settings, then judged by where it leads

Rules

1. Statements stand in ``sql/``, by name; zero rows are an answer.
2. A transaction that acts for the ACTIVE instance names its term, and the fence is its first
   statement. After ``end_term`` none begins, and those that hang are freed.
3. An error means what its SQLSTATE says (``sqlstate.py``), also that of a refused connection
   (``refusal.py``). Words are for people: they come in the server's language.
4. A session that may not write, is too old, or leads to another server than the newest one is
   not kept. A standby and a database that is not UTF8 are refused.
5. Opening a session ends within 4.5 s. When no more are granted, work goes on with those there
   are.
6. A wrong setting ends the process (64) only if the database has never worked in it. Later the
   same finding may pass: a password is being changed, a server replaced.
7. Work on many rows goes through ``BatchRunner``: one row never stops the others.
8. A pooler that shares server sessions between clients is refused: an advisory lock protects
   nothing there (``pooler.py``).

What happens on failure
    Nothing was written when ``Unavailable``, ``Rejected`` or ``Fenced`` is raised.
    ``OutcomeUnknown`` comes from a COMMIT without an answer only. What listeners do after a commit
    cannot undo it.
"""
