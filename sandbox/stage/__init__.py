"""The stage of ``run.py demo``: two copies of the bot, and everything that can happen to them.

``python -m sandbox.stage`` is one process with the two simulators, the chat page, the copies of the
bot as its children, and what stands between them:

    page --POST /sandbox/stage/<act>--> Director --signals--> copy A, copy B
    Telegram, kie.ai --> front door --> the copy that the platform routes to
    copy --> relay --> Telegram          copy --> relay --> PostgreSQL

The relays belong to this process, so it can cut a copy from the database, and it sees by itself
which copy calls Telegram and when. The ``witness`` is not the bot: it knows every text that the
crowd has written and every answer that came. Nothing is shown that was not measured here or read
from the tables.

``copies``    one child: started, signalled, asked for its health
``relays``    the front door, the way to Telegram and the way to PostgreSQL
``crowd``     forty people who write numbered texts, and the witness of what became of each
``books``     the money and the terms, as the tables have them
``director``  keeps two copies running and carries out the acts
``acts``      the acts, and the tour that plays them in turn
``guest``     who orders pictures in the tour
``routes``    what the page reads and presses

The restart of PostgreSQL is asked of the parent process, which owns the server: a line on stdout,
an answer on stdin. When stdin ends, the parent is gone, and everything here ends.
"""
