"""A simulator of kie.ai: as strict as the real one, with faults that a test switches on.

Strict
    Key, User-Agent, JSON content type; for each of the market's models (``market.yaml``) the
    required fields, types, choices, ranges, lengths and unknown fields; files among the input are
    fetched and must be of their kind; 20 creations per 10 s and 10 queries per second; credits
    by each model's price. Checks come in kie.ai's order and before any charge. What the
    real one refuses or ignores is kept in ``violations``, which a test expects to be empty.

As on the wire
    Errors in HTTP 200 with ``code``; a missing field as 500; 32-hex task ids; ``param`` encoded
    twice; ``resultJson`` as text; every key in every state; ``costTime`` in seconds; a failed
    task gives its credits back. Callbacks on final states only, 15 s to answer, up to three
    retries, a signature that does not cover the body. Uploads in three ways, whose errors are
    HTTP statuses. Results are real files: PNG, MP4 and MP3 that show or name the prompt.

Families
    ``sandbox.kie.families``: Veo 3.1 (generate, extend, 1080p, 4K) and Suno (song, cover, extend)
    with their own endpoints, states, callbacks, prices and errors. Faults name their calls
    veo/generate, veo/extend, veo/1080p, veo/4k, veo/record-info, suno/generate, suno/extend,
    suno/upload-cover, suno/record-info.

Switchable
    ``sandbox.kie.tasks.FAULTS`` lists the faults; with ``after`` some of them strike after the
    effect. ``sandbox.kie.odd`` names odd results, links, texts and balances,
    ``sandbox.proxy_answers.PAGES`` the pages of proxies, ``sandbox.kie.answers.DIALECTS`` where
    documents and wire differ. ``sandbox.kie.client.KieControl`` switches them.
"""

from sandbox.kie.server import KieSandbox

__all__ = ["KieSandbox"]
