"""HTTP calls whose errors say what is known: limits that hold, links that lead where they may.

Rules

1. Before the first byte of a request has left, nothing can have happened (``attempt.py``): a
   name that is not found, a connection, a certificate, a proxy, our own veto. After it there is a
   doubt until an answer is read.
2. Each call has limits for connecting, for sending and for its whole answer. A call that must
   leave no doubt has a connection of its own (``transport.py``).
3. All addresses of a host are tried beside each other (``connect.py``), so that IPv6 that leads
   nowhere costs a moment.
4. Links of results lead to public https addresses only (``link_policy.py``): checked when a link
   is read, at each redirect, and on the address that is connected to. A local kie.ai (the sandbox)
   may name local addresses.
5. Proxy and certificates follow ``supervisor/settings/outgoing.py``. Results are fetched without
   the key.
"""
