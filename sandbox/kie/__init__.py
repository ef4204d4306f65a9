"""A kie.ai that runs here: strict where the real one is strict, broken where a test wants it.

Strict
    Key, User-Agent, JSON content type, required fields, types, choices, lengths, unknown
    fields and paths; 20 creations per 10 s and 10 queries per second; credits. Checks come
    in kie.ai's order and before any charge. Whatever the real one would not forgive is
    kept in ``violations``, which a test expects to be empty.

As on the wire
    Errors in HTTP 200 with ``code``; a missing field as 500; 32-hex task ids; ``param`` encoded
    twice; ``resultJson`` as text; every key in every state; ``costTime`` in seconds; a failed
    task gives its credits back. Callbacks on final states only, 15 s to answer, up to three
    retries, a signature that does not cover the body.

Switchable
    ``sandbox.kie.tasks.FAULTS`` lists the faults; ``sandbox.kie.client.KieControl`` switches them.
"""

from sandbox.kie.server import KieSandbox

__all__ = ["KieSandbox"]
