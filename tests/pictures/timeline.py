"""A hand-over as an SVG: two instances over time, and every update with its answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 820, 330
LEFT, RIGHT = 96, 800  #: of the time axis
FROM, TO = -2.6, 1.6  #: seconds shown
ROWS = {"first": 64, "second": 128}
BAR = 34
SENT, ANSWERED = 206, 246

WORDS = {
    "en": {
        "title": "A deploy while users write: the new copy takes over",
        "first": "v1",
        "second": "v2",
        "gap": "lock free → taken: {gap:.0f} ms",
        "sent": "written",
        "answered": "answered",
        "axis": "{second:+g} s",
        "zero": "SIGTERM to v1",
        "sum": "sent {sent} · answered {answered} · lost {lost} · twice {twice}"
        " · out of order {out_of_order} · longest wait {longest:.2f} s",
    },
    "ru": {
        "title": "Деплой, пока пользователи пишут: новая копия принимает работу",
        "first": "v1",
        "second": "v2",
        "gap": "блокировка свободна → занята: {gap:.0f} мс",
        "sent": "написано",
        "answered": "отвечено",
        "axis": "{second:+g} с",
        "zero": "SIGTERM для v1",
        "sum": "отправлено {sent} · отвечено {answered} · потеряно {lost} · дважды {twice}"
        " · не по порядку {out_of_order} · дольше всего ждали {longest:.2f} с",
    },
}

_STYLE = """
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328 }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 12px; fill: #59636e }
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
        _text(20, 30, words["title"], "title"),
        *_axis(words),
        *_bars(run.first, words["first"], ROWS["first"]),
        *_bars(run.second, words["second"], ROWS["second"]),
        _text(_x(0) + 64, ROWS["first"] + 22, f"🔒 {words['gap'].format(gap=run.gap_ms)}"),
        *_updates(run.waits, words),
        _text(20, HEIGHT - 14, words["sum"].format(**_sums(run))),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _sums(run: Handover) -> dict[str, float]:
    return {
        "sent": run.sent,
        "answered": len(run.waits),
        "lost": run.lost,
        "twice": run.twice,
        "out_of_order": run.out_of_order,
        "longest": max(seconds for _, seconds in run.waits),
    }


def _axis(words: dict[str, str]) -> Iterator[str]:
    bottom = ANSWERED + 16
    for second in (-2, -1, 0, 1):
        style = ' class="stop"' if second == 0 else ""
        yield f'<line{style} x1="{_x(second):.1f}" y1="48" x2="{_x(second):.1f}" y2="{bottom}"/>'
        label = words["axis"].format(second=second) if second else words["zero"]
        yield _text(_x(second), bottom + 18, label, "small", anchor="middle")


def _bars(spans: Sequence[Span], name: str, top: int) -> Iterator[str]:
    yield _text(20, top + 22, name, "title")
    for span in spans:
        begin, end = max(span.begin, FROM), min(span.end, TO)
        x, width = _x(begin), max(3.0, _x(end) - _x(begin))
        yield (
            f'<rect class="{span.state}" x="{x:.1f}" y="{top}" width="{width:.1f}"'
            f' height="{BAR}" rx="4"><title>{span.state}</title></rect>'
        )
        if width > 70:
            yield _text(x + 10, top + 22, span.state, "inside")


def _updates(waits: Sequence[tuple[float, float]], words: dict[str, str]) -> Iterator[str]:
    yield _text(20, SENT + 4, words["sent"], "small")
    yield _text(20, ANSWERED + 4, words["answered"], "small")
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
