"""Draws a chart as PNG. A program of its own: ``python -P drawing.py CHART.json PICTURE.png``.

matplotlib needs 70 MB and a second. It is imported only here, in a process that ends with the
picture, so a bot that draws nothing needs no more memory, and no thread of the bot waits for it
with the interpreter's lock. The same style is readable in light and dark chats: the ground is dark
slate, colours differ in brightness too, so that they can be told apart without seeing colour.
"""

import json
import sys
from pathlib import Path
from typing import Any

#: Inches; 1200 x 900 pixels. Letters can be read where the chat is 390 pixels wide.
WIDTH, HEIGHT, DPI = 8.0, 6.0, 150
GROUND, PANEL, INK, FAINT = "#17212b", "#1e2c3a", "#f1f5f9", "#9fb0c0"
COLOURS = ("#2dd4a8", "#f59e5b", "#7db7ff", "#f1f5f9")
MOST_LABELS = 7  #: days named under the axis


def draw(chart: dict[str, Any], picture: Path) -> None:
    """``chart``: title, days, panels of bars and a line, as ``charts.py`` makes it."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    mpl.rcParams.update({"font.family": "DejaVu Sans", "text.color": INK, "font.size": 17})
    layout = ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.15)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=GROUND, layout=layout)
    figure.suptitle(chart["title"], fontsize=22, fontweight="bold", x=0.02, ha="left")
    panels = chart["panels"]
    axes = figure.subplots(len(panels), 1, squeeze=False, sharex=True)
    for (axis,), panel in zip(axes, panels, strict=True):
        _panel(axis, panel, len(chart["days"]))
    _name_days(axes[-1][0], chart["days"])
    figure.savefig(picture, format="png", facecolor=GROUND)


def _panel(axis: Any, panel: dict[str, Any], days: int) -> None:
    axis.set_facecolor(PANEL)
    for side in axis.spines.values():
        side.set_visible(False)
    axis.grid(axis="y", color=GROUND, linewidth=1.4)
    axis.set_axisbelow(True)
    axis.tick_params(colors=FAINT, length=0, labelsize=17)
    bars, line = panel["bars"], panel.get("line")
    positions = list(range(days))
    below = [0.0] * days
    width = 0.76 if panel["stacked"] else 0.76 / len(bars)
    for number, each in enumerate(bars):
        shift = 0.0 if panel["stacked"] else (number - (len(bars) - 1) / 2) * width
        where = [position + shift for position in positions]
        colour = COLOURS[each["colour"]]
        axis.bar(where, each["values"], width, bottom=below, color=colour, label=each["label"])
        if panel["stacked"]:
            below = [low + value for low, value in zip(below, each["values"], strict=True)]
    if line is not None:
        axis.plot(
            *(positions, line["values"]),
            color=COLOURS[3],
            linewidth=3.0,
            marker="o",
            markersize=7,
            label=line["label"],
        )
    axis.axhline(0, color=FAINT, linewidth=0.8)
    low, high = axis.get_ylim()
    if not any(value for each in (*bars, line or {"values": ()}) for value in each["values"]):
        low, high = 0.0, 1.0  # nothing yet: a scale around zero would name what cannot be
    axis.set_ylim(low, high * 1.2)  # the legend stands above the bars
    axis.yaxis.set_major_formatter("{x:,g}")
    axis.legend(
        loc="upper left", ncols=4, frameon=False, fontsize=17, labelcolor=INK, handlelength=1.1
    )


def _name_days(axis: Any, days: list[str]) -> None:
    step = -(-len(days) // MOST_LABELS)
    # The last day always has its name.
    shown = [number for number in range(len(days)) if (len(days) - 1 - number) % step == 0]
    axis.set_xticks(shown, [days[number] for number in shown])
    axis.set_xlim(-0.6, len(days) - 0.4)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
