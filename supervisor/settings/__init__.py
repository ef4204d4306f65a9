"""The settings: read once, frozen, all problems at once.

Who is authoritative
    The environment of the process. ``.env`` and systemd's credentials fill what it leaves empty.
    ``Settings`` is the one reader; no other module asks the environment.

The way of a value::

    environment, else .env, else credential ─► its parser ─► Settings ─► whoever needs it
                                                  │ ValueError
                                                  └─► Misconfigured: every problem, by name

Rules

1. A value is checked for what it will be used for: a key for an HTTP header, a text for a message
   of Telegram, a URL for every client that gets it, a path for the kernel.
2. A complaint names the variable and what to change. It repeats no secret and no piece of one,
   also when the secret stands in the wrong variable.
3. ``DATABASE_URL`` is judged by libpq's rules before libpq connects with it
   (``database_url.py``). libpq's own variables about the database have no effect.
4. What no time can mend ends the process with 64, and only that: a full disk passes
   (``data_dir.py``).
5. One rule for proxies and certificates of outgoing calls (``outgoing.py``).
6. What others may see of the bot is an HMAC under its token (``identity.py``), never the token.

What happens on failure
    Nothing starts. ``serve`` writes the problems to its log; commands with an answer write them to
    standard error.
"""
