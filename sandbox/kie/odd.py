"""Unexpected answers of kie.ai: odd results, links, texts, balances.

The names are for tests; faults carry the values themselves.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

Urls = list[str]

#: ``resultJson`` in other forms, by name. Value of the fault "shape".
SHAPES: Mapping[str, Callable[[Urls], str]] = {
    "resultUrls as text": lambda urls: json.dumps({"resultUrls": urls[0]}),
    "resultUrls as json": lambda urls: json.dumps({"resultUrls": json.dumps(urls)}),
    "resultUrls as objects": lambda urls: json.dumps({"resultUrls": [{"url": u} for u in urls]}),
    "result_urls": lambda urls: json.dumps({"result_urls": urls}),
    "resultUrl": lambda urls: json.dumps({"resultUrl": urls[0]}),
    "urls": lambda urls: json.dumps({"urls": urls}),
    "resultWaterMarkUrls": lambda urls: json.dumps({"resultWaterMarkUrls": urls}),
    "nested": lambda urls: json.dumps({"data": {"images": [{"url": u} for u in urls]}}),
    "resultObject": lambda urls: json.dumps({"resultObject": {"url": urls[0]}}),
    "list": lambda urls: json.dumps(urls),
    "text": lambda urls: urls[0],
    "encoded twice": lambda urls: json.dumps(json.dumps({"resultUrls": urls})),
    "null": lambda _: "null",
    "broken": lambda urls: f'{{"resultUrls":["{urls[0]}"',
    "nulls in the list": lambda urls: json.dumps({"resultUrls": [None, *urls]}),
    "other words": lambda _: json.dumps({"note": "done", "resultUrls": None}),
}
#: Links that can never be fetched, or must not be. Value of the fault "links": a list of texts.
BAD_LINKS: Mapping[str, str] = {
    "bracket": "https://[x/y.png",
    "confusable": "https://exa\u2100mple.com/y.png",
    "port too large": "https://example.com:99999/y.png",
    "port no number": "https://example.com:port/y.png",
    "ftp": "ftp://example.com/y.png",
    "file": "file:///etc/passwd",
    "javascript": "javascript:alert(1)",
    "no scheme": "example.com/y.png",
    "no host": "https:///y.png",
    "loopback": "http://127.0.0.1/metrics",
    "loopback name": "http://localhost/metrics",
    "loopback as number": "http://2130706433/metrics",
    "loopback 6": "http://[::1]/metrics",
    "mapped": "http://[::ffff:127.0.0.1]/metrics",
    "link local": "http://169.254.169.254/latest/meta-data/",
    "private": "http://10.0.0.1/y.png",
    "label too long": f"https://{'x' * 64}.com/y.png",
    "newline": "https://example.com/y\r\nX: y.png",
    "NUL": "https://example.com/\x00.png",
    "half a surrogate": "https://example.com/\ud800.png",
    "empty": "",
    "blank": " ",
    "very long": f"https://example.com/{'y' * 100_000}.png",
}
#: Texts for messages of errors and failures.
ODD_TEXTS: Mapping[str, str] = {
    "newline": "declined\n2026-11-29 10:00:00.000 | INFO     | forged line",
    "carriage return": "declined\rINFO forged",
    "ANSI": "declined \x1b[2J\x1b[31mred\x1b[0m",
    "NUL": "declined\x00by nobody",
    "half a surrogate": "declined \ud800",
    "right to left": "declined \u202egpj.exe",
    "line separator": "declined\u2028INFO forged",
    "HTML": "declined <b>bold</b> <script>alert(1)</script>",
    "long": "declined " + "x" * 20_000,
    "empty": "",
}
#: Texts in place of a balance, some of them no JSON. Value of the fault "balance".
BALANCES: Mapping[str, str] = {
    "NaN": "NaN",
    "infinite": "Infinity",
    "too large": "1e400",
    "negative": "-12.5",
    "text": '"60.62"',
    "word": '"many"',
    "null": "null",
    "true": "true",
    "object": '{"credits": 60}',
    "list": "[60]",
    "many digits": "9" * 5000,
}


def result_text(faults: Mapping[str, Any], urls: Urls) -> str | None:
    """``resultJson`` as the faults of a task ask for; None: as usual."""
    links = faults.get("links")
    if links is not None:
        urls = [str(link) for link in links]
    shape = faults.get("shape")
    if shape is not None:
        return SHAPES[shape](urls)
    return json.dumps({"resultUrls": urls}) if links is not None else None
