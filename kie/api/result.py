"""What a finished task made: links or a text, wherever kie.ai put them.

The documentation says ``resultUrls``; other models and other days have other names, a text in
place of a list, or one object more around it. A success that was paid for is not thrown away
for that: links are looked for where they should be, then everywhere but in what we sent. A
link is one that can be opened (``link_policy.py``).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kie.api.envelope import parsed
from kie.api.outcome import Result
from kie.http.link_policy import LinkPolicy
from supervisor.values.foreign import Printable, printable, storable, storable_json

#: Names under which the links of a result are known to stand, best first.
_NAMES = ("resultUrls", "result_urls", "resultUrl", "result_url", "urls")
#: What we sent ourselves, or what is shown beside a result: no link in there is the result.
_NO_RESULT = {"param", "input", "callBackUrl", "model", "taskId", "failMsg"}
#: The same result with a mark on it: only when there is nothing better.
_MARKED = "watermark"
_TEXTS = ("text", "content", "transcript", "result")
MOST_LINKS = 20
LONGEST_TEXT = 200_000  #: characters of a result that is a text
RAW_LENGTH = 800  #: characters of an answer without a result that the operator is shown
_DEPTH = 8
_IN_JSON = re.compile(r"https?://[^\s\"'<>\\\]}]+")
_BETWEEN = re.compile(r"[\s,;]+(?=https?://)")


def read_result(data: Mapping[str, Any], policy: LinkPolicy) -> Result:
    """The result in the record of a finished task; empty when there is none.

    ``resultJson`` is a JSON text inside the JSON; an object is accepted too.
    """
    made = data.get("resultJson")
    inside = parsed(made.encode("utf-8", "replace")) if isinstance(made, str) else made
    found = inside if isinstance(inside, dict | list) else made
    if isinstance(found, Mapping):
        named = _first(found, _NAMES, policy)
        text = None if named else _named_text(found.get("resultObject"), policy)
        if named or text:
            return Result(named, text)
    rest = {key: value for key, value in data.items() if key != "resultJson"}
    for place in (found, rest):
        links = _distinct(_links(place, policy, marked=False))
        if links:
            return Result(links)
    links = _distinct(_links([found, rest], policy, marked=True))
    if links:
        return Result(links)
    told = found.get("resultObject") if isinstance(found, Mapping) else None
    if not told:
        return Result()
    return Result(text=_bounded(json.dumps(told, ensure_ascii=False, indent=1)))


def raw_text(data: Mapping[str, Any]) -> Printable:
    """The record of a task as the operator is shown it, without what we sent."""
    known = {key: value for key, value in data.items() if key != "param" and value is not None}
    return printable(storable_json(known), RAW_LENGTH)


# ------------------------------------------------------------------ internal --


def _first(found: Mapping[str, Any], names: Sequence[str], policy: LinkPolicy) -> tuple[str, ...]:
    for name in names:
        links = _distinct(_links(found.get(name), policy, marked=False))
        if links:
            return links
    return ()


def _links(value: Any, policy: LinkPolicy, *, marked: bool, depth: int = _DEPTH) -> Iterator[str]:
    """Every link in ``value``, in order; ``marked``: also those with a mark on their files."""
    if depth == 0:
        return
    if isinstance(value, str):
        yield from _links_in_text(value, policy, marked=marked, depth=depth)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            if key not in _NO_RESULT and (marked or _MARKED not in str(key).lower()):
                yield from _links(each, policy, marked=marked, depth=depth - 1)
    elif isinstance(value, list):
        for each in value:
            yield from _links(each, policy, marked=marked, depth=depth - 1)


def _links_in_text(text: str, policy: LinkPolicy, *, marked: bool, depth: int) -> Iterator[str]:
    """``text`` is a link, several of them, or JSON with some. A sentence holds none: a link
    in it may be anybody's."""
    if text.lstrip()[:1] in {"[", "{", '"'}:
        inside = parsed(text.encode("utf-8", "replace"))
        if inside is None:  # JSON that was cut
            inside = _IN_JSON.findall(text)
        yield from _links(inside, policy, marked=marked, depth=depth - 1)
        return
    links = [policy.link(part) for part in _BETWEEN.split(text.strip())]
    if all(links):
        yield from (link for link in links if link)


def _distinct(links: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links))[:MOST_LINKS]


def _named_text(found: Any, policy: LinkPolicy) -> str | None:
    """A text result under one of its names, or as it is."""
    if isinstance(found, Mapping):
        named = (found.get(key) for key in _TEXTS)
        found = next((text for text in named if isinstance(text, str) and text.strip()), None)
    if not isinstance(found, str) or list(_links(found, policy, marked=True)):
        return None
    return _bounded(found) or None


def _bounded(text: str) -> str:
    return storable(text, LONGEST_TEXT).strip()
