"""A hand-over as an SVG: two instances over time, and every update with its answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 580
LEFT, RIGHT = 56, 536  #: of the time axis
FROM, TO = -2.0, 1.8  #: seconds shown
ROWS = {"first": 92, "second": 186}
BAR = 50
SENT, ANSWERED = 288, 352
COUNTERS = ((40, 462), (220, 462), (400, 462), (40, 538), (220, 538), (400, 538))

WORDS = {
    "en": {
        "title": "A deploy while users write",
        "under": "two copies of the bot, one PostgreSQL, 20 messages a second",
        "gap": "🔒 free → taken: {gap:.0f} ms",
        "sent": "written",
        "answered": "answered",
        "axis": "{second:+g} s",
        "zero": "SIGTERM to v1",
        "counters": "sent|answered|lost|answered twice|out of order|longest wait",
        "seconds": "{seconds:.2f} s",
    },
    "ru": {
        "title": "Деплой, пока пользователи пишут",
        "under": "две копии бота, одна PostgreSQL, 20 сообщений в секунду",
        "gap": "🔒 свободна → занята: {gap:.0f} мс",
        "sent": "написано",
        "answered": "отвечено",
        "axis": "{second:+g} с",
        "zero": "SIGTERM для v1",
        "counters": "отправлено|отвечено|потеряно|отвечено дважды|не по порядку|дольше всего ждали",
        "seconds": "{seconds:.2f} с",
    },
}

_STYLE = """
text { font: 15px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328 }
.title { font-size: 20px; font-weight: 600 } .name { font-weight: 600 }
.number { font-size: 26px; font-weight: 600 }
.small { font-size: 14px; fill: #59636e }
.inside { fill: #fff; font-weight: 600 }
.ACTIVE { fill: #1a7f37 } .PASSIVE { fill: #0969da } .DRAINING { fill: #bf8700 }
.STARTING { fill: #818b98 }
.update { fill: #59636e } .answer { fill: #1a7f37 }
line { stroke: #d1d9e0 } .stop { stroke: #cf222e; stroke-dasharray: 4 3 }
.link { stroke: #8c959f; stroke-width: .6 }
rect.page { fill: #fff }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .small { fill: #9198a1 } .inside { fill: #fff }
  .ACTIVE, .answer { fill: #2ea043 } .PASSIVE { fill: #1f6feb } .update { fill: #9198a1 }
  line { stroke: #3d444d } .link { stroke: #656c76 } .stop { stroke: #f85149 }
  rect.page { fill: #0d1117 }
}
"""


@dataclass(frozen=True)
class Span:
    """A state of an instance, in seconds from SIGTERM."""

    state: str
    begin: float
    end: float


@dataclass(frozen=True)
class Handover:
    first: Sequence[Span]
    second: Sequence[Span]
    gap_ms: float
    waits: Sequence[tuple[float, float]]  #: when an update was written; seconds to its answer
    sent: int
    lost: int
    twice: int
    out_of_order: int


def drawn(run: Handover, language: str) -> str:
    words = WORDS[language]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{words['title']}</title><style>{_STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="8"/>',
        _text(20, 36, words["title"], "title"),
        _text(20, 60, words["under"], "small"),
        *_axis(words),
        *_bars(run.first, "v1", ROWS["first"]),
        *_bars(run.second, "v2", ROWS["second"]),
        _text(RIGHT, ROWS["second"] - 16, words["gap"].format(gap=run.gap_ms), anchor="end"),
        *_updates(run.waits, words),
        *_counters(run, words),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _counters(run: Handover, words: dict[str, str]) -> Iterator[str]:
    longest = max(seconds for _, seconds in run.waits)
    counts = (run.sent, len(run.waits), run.lost, run.twice, run.out_of_order)
    numbers = [*map(str, counts), words["seconds"].format(seconds=longest)]
    labels = words["counters"].split("|")
    for (x, y), number, label in zip(COUNTERS, numbers, labels, strict=True):
        yield _text(x, y, number, "number")
        yield _text(x, y + 22, label, "small")


def _axis(words: dict[str, str]) -> Iterator[str]:
    bottom = ANSWERED + 14
    for second in (-1, 0, 1):
        style = ' class="stop"' if second == 0 else ""
        x, top = _x(second), ROWS["first"] - 12
        yield f'<line{style} x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}"/>'
        label = words["axis"].format(second=second) if second else words["zero"]
        yield _text(_x(second), bottom + 20, label, "small", anchor="middle")


def _bars(spans: Sequence[Span], name: str, top: int) -> Iterator[str]:
    yield _text(20, top + 31, name, "name")
    for span in spans:
        begin, end = max(span.begin, FROM), min(span.end, TO)
        x, width = _x(begin), max(3.0, _x(end) - _x(begin))
        yield (
            f'<rect class="{span.state}" x="{x:.1f}" y="{top}" width="{width:.1f}"'
            f' height="{BAR}" rx="4"><title>{span.state}</title></rect>'
        )
        if width > 80:
            yield _text(x + 10, top + 31, span.state, "inside")


def _updates(waits: Sequence[tuple[float, float]], words: dict[str, str]) -> Iterator[str]:
    yield _text(20, SENT - 14, words["sent"], "small")
    yield _text(20, ANSWERED - 14, words["answered"], "small")
    for said, seconds in waits:
        if said >= FROM and said + seconds <= TO:
            sent, answered = _x(said), _x(said + seconds)
            yield (
                f'<line class="link" x1="{sent:.1f}" y1="{SENT}" x2="{answered:.1f}"'
                f' y2="{ANSWERED}"/><circle class="update" cx="{sent:.1f}" cy="{SENT}" r="2.2"/>'
                f'<circle class="answer" cx="{answered:.1f}" cy="{ANSWERED}" r="2.2"/>'
            )


def _x(second: float) -> float:
    return LEFT + (second - FROM) / (TO - FROM) * (RIGHT - LEFT)


def _text(x: float, y: float, text: str, style: str = "", *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">{text}</text>'
