"""Who is ACTIVE: at most one instance acts, and it stops by itself before another one begins.

Who is authoritative
    PostgreSQL. A session-level advisory lock on one dedicated session decides who is
    ACTIVE; the server frees it when that session ends, however it ends. Our own clock
    may only make us stop sooner.

The term
    The time from winning the lock to losing or freeing it: a row of ``lock_epochs`` with an
    epoch, which people read, and a random token, which the code compares. Every write of the
    ACTIVE instance passes the token to the fence (``trt_fence``); when the term is over, the
    write is refused. Outside calls cannot be fenced. They pass the ``Gate``, which is open only
    while enough trust is left: trust is the time for which a successful heartbeat proves the lock.

Phases (``phase.py`` holds the table; a test compares this diagram with it)::

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

1. Trust starts when a heartbeat is sent, not when it is answered, on a clock that counts time
   spent in suspend. It ends after 4 s, well before the server frees the lock of an idle session
   (8 s, ``idle_session_timeout``). ``timing.py`` checks these numbers against each other.
2. Only the supervisor's thread uses the lock's session. Other threads may shut down its socket.
3. A session whose state is uncertain is closed: never repaired, never unlocked. So is a session
   that leads to another server than newer sessions do.
4. Every write of the ACTIVE instance passes the fence, and every outside call passes the gate.
5. A clean end joins the services, signs off, then frees the lock and notifies in one statement.
   After any other end the successor works in the database at once, but makes no outside call
   until the predecessor's trust has run out. The age of the predecessor's last heartbeat is
   taken from the server's clock, corrected when that clock ran ahead of ours
   (``server_clock.py``).
6. We terminate only two kinds of sessions: the holder of this key in this database, when it is
   dead or has been waited for long enough, and a transaction of an earlier term that blocks the
   fence. The statement that terminates a session checks these conditions itself.
7. Winning the lock waits for no row lock. Claims in locked rows are released later
   (``leftover_claims.py``).
8. Every loop reports progress. When one of them is silent for 60 s, an ACTIVE process gives up
   the lock and exits with 70. In any other state the watchdog ends the process 20 s later.

What happens on failure
    The holder is killed: the server frees its lock at once, and the successor makes its first
    outside call within 4.5 s of the last heartbeat. The holder is frozen or cut off: its own gate
    shuts after 4 s, the server frees the lock after 8 s, and a candidate takes it within another
    2 s. A call whose first byte had left before the freeze cannot be held back: it was recorded
    before it began, and its outcome counts as unknown. A process that was frozen for more than
    20 s while ACTIVE exits when it is resumed, and its process manager restarts it.
    The lock is lost: until a successor begins, the fence still admits what the lost term has to
    write. Database calls that hang on a cut connection are aborted after 1.5 s. The database is
    unavailable: ACTIVE becomes PASSIVE when trust ends, updates are refused with 503, and the
    same process competes again when the database is back.
"""
