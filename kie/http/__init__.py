"""HTTP calls with strict time limits, errors that say what is known, and checked links.

Rules

1. Before the first byte of a request is sent, nothing can have happened (``attempt.py``): the
   name is not found, no connection, a certificate, a proxy, our own gate. After it the outcome
   is unknown until an answer is read.
2. Each call has time limits for connecting, for sending and for its whole answer. createTask gets
   a new connection for each call (``transport.py``).
3. All addresses of a host are tried in parallel (``supervisor/network/connect.py``), so that broken
   IPv6 costs only a fraction of a second.
4. Links of results lead to public https addresses only (``link_policy.py``): checked when a link
   is read, at each redirect, and on the address that is connected to. A local kie.ai (the sandbox)
   may name local addresses.
5. Proxies and certificates follow ``supervisor/settings/outgoing.py``. Results are fetched
   without the key.
"""
