"""From the name of a host to a connection, within time limits.

Rules

1. A lookup of a name cannot be cancelled, so nobody waits for one to end (``lookups.py``): the
   caller's time is limited, and the answer of a slow name server serves the next caller.
2. All addresses of a host are tried in parallel (``connect.py``), so that an address that never
   answers, as with broken IPv6, costs only a fraction of a second.
3. Nor can libpq be interrupted while it connects: who waits for it goes on alone
   (``timed_call.py``).
4. libpq has neither limits for names nor parallel attempts, so it gets addresses instead of names
   (``database_hosts.py``).
"""
