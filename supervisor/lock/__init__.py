"""Who is ACTIVE: at most one instance acts, and it stops by itself before another one begins.

Who is authoritative
    PostgreSQL. A session-level advisory lock on one dedicated session decides who is
    ACTIVE; the server frees it when that session ends, however it ends. Our own clock
    may only make us stop sooner.

The term
    One stretch of being ACTIVE: a row of ``lock_epochs`` with an epoch for people and a
    random token for machines. Writes carry the token through the fence (``trt_fence``):
    when the term is over they change nothing. Calls to the outside cannot be fenced; they
    pass the ``Gate``, which is open only while enough trust is left.

Phases (``phase.py`` holds the table; a test compares this picture with it)::

    STARTING --another instance holds the lock--> PASSIVE
    STARTING --lock won-->                        ACTIVE
    STARTING --stop requested-->                  DRAINING
    PASSIVE  --lock won-->                        ACTIVE
    PASSIVE  --stop requested-->                  DRAINING
    ACTIVE   --lock lost-->                       PASSIVE
    ACTIVE   --stop requested-->                  DRAINING
    DRAINING --lock lost-->                       DRAINING
    DRAINING --drained-->                         STOPPED

Rules

1. Trust is counted from the moment a heartbeat was asked, on a clock that counts
   suspension, and ends (4 s) well before the server would free the lock of a silent
   session (8 s, ``idle_session_timeout``). ``timing.py`` checks the numbers.
2. Only the supervisor's thread uses the lock's session. Other threads may cut its socket.
3. A session in doubt is closed, never repaired and never unlocked. So is one that leads to
   another server than newer sessions do.
4. Every write of the ACTIVE instance passes the fence; every outside call the gate.
5. A term that ends cleanly joins its services, signs off, then frees the lock and
   notifies in one statement. After any other end the successor works in the database
   at once but makes no outside call before the predecessor's trust has run out. The age of
   the last heartbeat is taken from the server's clock, as far as that kept step with ours
   (``server_clock.py``).
6. We terminate only two kinds of sessions: the holder of this key in this database, when it is
   dead or has been waited for long enough, and a transaction of an earlier term that blocks the
   fence. The statement that terminates a session checks all of that itself.
7. Winning waits for no row: what somebody else has locked is released later
   (``leftover_claims.py``).
8. Everybody who works in a loop shows that it comes round. When somebody is silent for 60 s, an
   ACTIVE process gives the lock up and ends (70); in any other state the watchdog ends it 20 s
   later.

What happens on failure
    The holder is killed: its lock is free at once; the successor acts within 4.5 s of its last
    heartbeat. The holder is frozen or cut off: its own gate shuts after 4 s, the server frees
    the lock after 8 s, a waiter takes it within 1.5 s more. What a lost term still
    has to write passes the fence until a successor has begun; its database calls that
    hang on a cut line are freed after 1.5 s, so that the process need not end. No gate can hold
    back a call whose first byte has left when the process is frozen: it is
    recorded before it begins, and its outcome counts as unknown. An ACTIVE process that was
    frozen for longer than 20 s ends when it goes on, as a hung one does, and is
    restarted by its process manager. The database is away: ACTIVE
    becomes PASSIVE when trust ends, updates are refused with 503, and the same process
    competes again when the database is back.
"""
