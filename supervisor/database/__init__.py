"""Transactions on PostgreSQL, and the sessions that they use.

Who is authoritative
    PostgreSQL decides about rows. ``connection.py`` decides about the settings of a session; no
    setting of a database, a role or the environment overrides them.

The path of a transaction::

    Database.transaction ─► Pool.take ─► fence (with a term) ─► statements ─► COMMIT ─► wake-ups
                               │ none idle
                               └─► connect: set limits and settings, check the server

Rules

1. Statements are in ``sql/``, by name. Zero rows are a valid result.
2. A transaction that acts for the ACTIVE instance names its term, and the fence is its first
   statement. After ``end_term`` no call of a service begins, with a term or without, and hanging
   ones are aborted.
3. An error is classified by its SQLSTATE (``sqlstate.py``), also when a connection is refused
   (``refusal.py``). The message is not used: it comes in the server's language.
4. The pool does not keep a session that is read-only, too old, or connected to another server
   than the newest session. A standby and a database that is not UTF8 are refused.
5. Nobody waits for a connection longer than 4.5 s, for a free one and a new one together. When
   the server grants no more sessions, work goes on with the existing ones.
6. A wrong setting ends the process (64) only if the database has never worked in this process.
   Later the same error may be temporary: a password is being changed, a server replaced.
7. Work on many rows goes through ``BatchRunner``, so that one row never stops the others.
8. A round trip costs more than a small statement. BEGIN, limits and fence share one; what nobody
   reads (``Tx.send``) goes with the next statement or with the COMMIT.
9. The statements of the hot path are prepared once a session (``prepared.py``): by the session
   that is opened ahead of need, or with their first use. They are planned again every 2 minutes.
   ``Database.read`` runs one statement without BEGIN and COMMIT.
10. A pooler that shares server sessions between clients is refused, because an advisory lock
    protects nothing there (``pooler.py``).

What happens on failure
    When ``Unavailable``, ``Rejected`` or ``Fenced`` is raised, nothing was written.
    ``OutcomeUnknown`` means that a COMMIT, and what was sent with it, was not answered. An error in
    what is called after a commit does not undo the commit.
"""
