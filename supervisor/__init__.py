"""The ground everything else stands on: settings, time, database, lock, threads, HTTP.

This package knows neither Telegram nor kie.ai. It answers one question: *may this
process act right now?* and runs the services it is given while the answer is yes.

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

Rules the code relies on

1. Trust is counted from the moment a heartbeat was asked, on a clock that counts
   suspension, and ends (4 s) well before the server would free the lock of a silent
   session (8 s, ``idle_session_timeout``). ``timing.py`` checks the numbers.
2. Only the supervisor's thread uses the lock's session. The watchdog may cut its socket.
3. A session in doubt is closed, never repaired and never unlocked.
4. Every write of the ACTIVE instance passes the fence; every outside call the gate.
5. A term that ends cleanly joins its services, signs off, then frees the lock and
   notifies in one statement. After any other end the successor works in the database
   at once but makes no outside call before the predecessor's trust has run out. How old
   its last heartbeat is says the server's clock, as far as it kept step with ours
   (``server_clock.py``).
6. Nobody's session is ended but the holder's of this very key in this very database, dead or
   outwaited, and one that holds up a winner: a transaction of an earlier term that is stuck
   behind the fence. The statement that ends a session checks all of that itself.
7. Nothing sleeps: every wait ends at a stop request.
8. A service that dies takes the process down; the process manager restarts it.
9. Everybody who works in a loop shows that it comes round. When somebody is silent for 60 s, an
   ACTIVE process gives the lock up and ends (70); in any other state the watchdog ends it 20 s
   later.

What happens on failure
    Killed holder: its lock is free at once; the successor acts within 4.5 s of its last
    heartbeat. Frozen or cut-off holder: its own gate shuts after 4 s, the server frees
    the lock after 8 s, a waiter takes it within 1.5 s more. What a lost term still
    has to write passes the fence until a successor has begun; database calls of it that
    hang on a cut line are freed after a moment, so that the process need not end. What no
    gate can hold back is a call whose first byte has left when the process is frozen: it is
    recorded before it begins, and its outcome counts as unknown. An ACTIVE process that was
    frozen for longer than 20 s ends itself when it goes on, as a hung one does, and is
    restarted by its process manager. Database away: ACTIVE
    becomes PASSIVE when trust ends, updates are refused with 503, and the same process
    competes again when the database is back.
"""
