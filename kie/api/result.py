"""Finds the result in the record of a finished task: links or a text.

The documentation names the field ``resultUrls``. Some answers have other names, a text instead of
a list, or another object around it. A paid result must not be lost for that: links are searched
for in the known fields, then in all other fields except those that we sent. Only links that pass
``kie/http/link_policy.py`` count.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kie.api.envelope import parsed
from kie.api.outcome import Result
from kie.http.link_policy import LinkPolicy
from supervisor.values.foreign import Printable, printable, storable, storable_json

#: Known names of the field with the links, best first.
_NAMES = ("resultUrls", "result_urls", "resultUrl", "result_url", "urls")
#: Fields that we sent ourselves, or that describe the task. A link in them is not a result.
_NO_RESULT = {"param", "input", "callBackUrl", "model", "taskId", "failMsg"}
#: The result with a watermark: used only when there is no other.
_MARKED = "watermark"
_TEXTS = ("text", "content", "transcript", "result")
MOST_LINKS = 20
LONGEST_TEXT = 200_000  #: characters of a result that is a text
RAW_LENGTH = 800  #: characters of a record without a result that are shown to the operator
_DEPTH = 8
_IN_JSON = re.compile(r"https?://[^\s\"'<>\\\]}]+")
_BETWEEN = re.compile(r"[\s,;]+(?=https?://)")


def read_result(data: Mapping[str, Any], policy: LinkPolicy) -> Result:
    """The result in the record of a finished task; an empty ``Result`` when there is none.

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
    """The record of a task for the operator, without what we sent."""
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
    """Every link in ``value``, in order. ``marked``: also links to files with a watermark."""
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
    """The links if ``text`` is a link, a list of links, or JSON with links. A link within a
    sentence does not count."""
    if text.lstrip()[:1] in {"[", "{", '"'}:
        inside = parsed(text.encode("utf-8", "replace"))
        if inside is None:  # truncated JSON
            inside = _IN_JSON.findall(text)
        yield from _links(inside, policy, marked=marked, depth=depth - 1)
        return
    links = [policy.link(part) for part in _BETWEEN.split(text.strip())]
    if all(links):
        yield from (link for link in links if link)


def _distinct(links: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(links))[:MOST_LINKS]


def _named_text(found: Any, policy: LinkPolicy) -> str | None:
    """A text result: the value of a known field, or ``found`` itself if it is a text."""
    if isinstance(found, Mapping):
        named = (found.get(key) for key in _TEXTS)
        found = next((text for text in named if isinstance(text, str) and text.strip()), None)
    if not isinstance(found, str) or list(_links(found, policy, marked=True)):
        return None
    return _bounded(found) or None


def _bounded(text: str) -> str:
    return storable(text, LONGEST_TEXT).strip()
