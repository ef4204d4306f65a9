"""The settings: read once, immutable; all problems are reported at once.

Who is authoritative
    The environment of the process. ``.env`` and systemd's credentials set what it leaves empty.
    Only ``Settings`` reads the environment.

The path of a value::

    environment, else .env, else credential ─► its parser ─► Settings ─► the parts that use it
                                                  │ ValueError
                                                  └─► Misconfigured: every problem, by name

Rules

1. Each value is checked for its use: a key must fit into an HTTP header, a text into a message of
   Telegram, a URL must suit every client that gets it, a path must suit the kernel.
2. An error message names the variable and what to change. It repeats no secret and no part of
   one, even when the secret was put into the wrong variable.
3. ``DATABASE_URL`` is checked with libpq's own parser before a connection is made
   (``database_url.py``). libpq's environment variables about the database have no effect.
4. The process ends with 64 only for errors that do not pass by themselves. A full disk, for
   example, may pass (``data_dir.py``).
5. One rule for the proxies and certificates of all outgoing calls (``outgoing.py``).
6. Public identifiers of the bot are HMACs under its token (``identity.py``), never the token.

What happens on failure
    Nothing starts. ``serve`` writes the problems to its log; the other commands write them to
    standard error.
"""
