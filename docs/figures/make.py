"""Draw the figures of the documentation as SVG: `python docs/figures/make.py`.

The charts of the benchmarks read their numbers from the tables of docs/benchmarks.md.
"""

import math
import random
import re
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
INK, PALE, TEAL, AMBER, GREY = "#1d2a2f", "#fbfaf7", "#1f6f78", "#d98a1f", "#8b9a9e"
WIDTH = 760


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    anchor: str = "start",
    colour: str = INK,
    weight: int = 400,
) -> str:
    """Return words at a place."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
        f'font-weight="{weight}">{escape(words)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "none") -> str:
    """Return a rectangle."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="{fill}" '
        f'stroke="{stroke}"/>'
    )


def line(points: list[tuple[float, float]], colour: str, width: float = 1.5) -> str:
    """Return a line through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'


def figure(name: str, title: str, height: int, parts: list[str]) -> tuple[str, str]:
    """Return the file name and the content of a figure with its title for screen readers."""
    return name, "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            "<style>text { font-family: system-ui, sans-serif; }</style>",
            f"<title>{escape(title)}</title>",
            box(0, 0, WIDTH, height, PALE),
            *parts,
            "</svg>\n",
        ]
    )


def place_to_traffic() -> tuple[str, str]:
    """Return the chain from image and POIs to an ensemble of traffic."""
    steps = [
        (("satellite patch", "640 m"), ("points of interest", "within 300 m")),
        (("frozen vision", "encoder"), ("frozen text", "encoder")),
        (("fusion", "embedding z,", "128 numbers"),),
        (("three levels of", "flow matching:", "day, week, residual"),),
        (("ensemble of", "672 hours", "per cell"),),
    ]
    parts = []
    wide, gap = 124, 28
    for column, boxes in enumerate(steps):
        left = 16 + column * (wide + gap)
        for row, words in enumerate(boxes):
            top = 34 + row * 96 if len(boxes) > 1 else 82
            fill = TEAL if column > 1 else "#dbe7e6"
            colour = PALE if column > 1 else INK
            parts.append(box(left, top, wide, 72, fill))
            first = top + 42 - 8 * (len(words) - 1)
            parts += [
                text(
                    left + wide / 2,
                    first + 17 * place,
                    word,
                    size=12,
                    anchor="middle",
                    colour=colour,
                )
                for place, word in enumerate(words)
            ]
        if column + 1 < len(steps):
            parts.append(text(left + wide + gap / 2, 123, "→", size=18, anchor="middle"))
    parts.append(
        text(
            16,
            226,
            "The generator also reads how the place differs from the city's stations.",
            size=12,
            colour=GREY,
        )
    )
    return figure("place-to-traffic.svg", "How a place becomes traffic", 242, parts)


def ranges() -> tuple[str, str]:
    """Return samples of one day, their mean and their 80 % range; made-up numbers."""
    noise = random.Random(7)
    hours = range(25)
    day = [
        0.25
        + 0.75 * math.exp(-(((hour - 19.5) / 5.5) ** 2))
        + 0.25 * math.exp(-(((hour - 11) / 3) ** 2))
        for hour in hours
    ]
    samples = []
    for _ in range(16):
        level, ripple, found = math.exp(noise.gauss(0, 0.25)), 0.0, []
        for usual in day:
            ripple = 0.6 * ripple + noise.gauss(0, 0.06)
            found.append(max(0.0, usual * level * (1 + ripple)))
        samples.append(found)

    def at(hour: float, value: float) -> tuple[float, float]:
        return 60 + hour * 26, 250 - value * 112

    ranked = [sorted(values) for values in zip(*samples, strict=True)]
    low = [at(hour, values[1]) for hour, values in zip(hours, ranked, strict=True)]
    high = [at(hour, values[-2]) for hour, values in zip(hours, ranked, strict=True)]
    mean = [at(hour, sum(values) / 16) for hour, values in zip(hours, ranked, strict=True)]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*low, *reversed(high)])
    parts = [f'<polygon points="{outline}" fill="#cfe0df"/>']
    parts += [
        line([at(hour, value) for hour, value in zip(hours, found, strict=True)], GREY, 0.5)
        for found in samples
    ]
    parts += [line(mean, TEAL, 2.5), line([at(0, 0), at(24, 0)], INK, 1)]
    parts += [
        text(at(h, 0)[0], 268, f"{h}:00", size=11, anchor="middle") for h in (0, 6, 12, 18, 24)
    ]
    parts += [
        text(60, 24, "Traffic of one cell on one day, 16 samples (example)", weight=600),
        text(700, 60, "sample", size=12, colour=GREY),
        text(700, 80, "mean", size=12, colour=TEAL, weight=600),
        text(700, 100, "80 %", size=12, colour="#5f9a9c"),
        text(700, 115, "range", size=12, colour="#5f9a9c"),
    ]
    return figure("ranges.svg", "Samples, their mean and their 80 % range", 284, parts)


def energy() -> tuple[str, str]:
    """Return the power of one EARTH macro site: asleep, idle, at half and at full load."""
    sleep, idle, full = 450.0, 780.0, 1344.0
    rows = [
        ("asleep", sleep, 0.0),
        ("idle", idle, 0.0),
        ("load 0.5", idle, (full - idle) / 2),
        ("load 1", idle, full - idle),
    ]
    parts = [text(20, 26, "Power of one EARTH macro site, W", weight=600)]
    for row, (name, fixed, moving) in enumerate(rows):
        top = 46 + 38 * row
        parts += [
            text(96, top + 18, name, anchor="end"),
            box(106, top, fixed * 0.4, 26, GREY if name == "asleep" else TEAL),
            box(106 + fixed * 0.4, top, moving * 0.4, 26, AMBER) if moving else "",
            text(114 + (fixed + moving) * 0.4, top + 18, f"{fixed + moving:,.0f}"),
        ]
    parts += [
        box(106, 208, 12, 12, TEAL),
        text(124, 219, "idle power: gone only while asleep", size=12),
        box(346, 208, 12, 12, AMBER),
        text(364, 219, "follows load: moves with the traffic", size=12),
        box(596, 208, 12, 12, GREY),
        text(614, 219, "sleep power", size=12),
    ]
    return figure("energy.svg", "Power of a site asleep, idle and under load", 236, parts)


def table(heading: str) -> list[list[str]]:
    """Return the rows of the first table below a heading of docs/benchmarks.md."""
    page = (HERE.parent / "benchmarks.md").read_text(encoding="utf-8")
    part = page.partition(f"\n## {heading}\n")[2]
    rows = re.findall(r"(?:^\|.*\|\n)+", part, re.MULTILINE)[0].splitlines()
    cells = [
        [cell.strip(" *").replace("`", "") for cell in row.strip("|").split("|")] for row in rows
    ]
    return [cells[0], *cells[2:]]


def bars(
    name: str, title: str, rows: list[tuple[str, float, str]], best: float, form: str = "{:g}"
) -> tuple[str, str]:
    """Return a bar chart of (label, value, colour); `best` is the longest bar's value."""
    parts = [text(20, 26, title, weight=600)]
    for row, (label, value, colour) in enumerate(rows):
        top = 44 + 27 * row
        wide = 380 * value / best
        parts += [
            text(280, top + 15, label, size=12, anchor="end"),
            box(290, top, wide, 20, colour),
            text(298 + wide, top + 15, form.format(value), size=12),
        ]
    return figure(name, title, 58 + 27 * len(rows), parts)


def generator_chart() -> tuple[str, str]:
    """Return the CRPS of the generator and its baselines."""
    _, *rows = table("Generator")
    drawn = [(row[0], float(row[1])) for row in rows]
    colour = {drawn[0][0]: TEAL, drawn[-1][0]: GREY}
    return bars(
        "generator-crps.svg",
        "CRPS on five unseen simulated cities (lower is better)",
        [(label, value, colour.get(label, AMBER)) for label, value in drawn],
        max(value for _, value in drawn),
        "{:.4f}",
    )


def support_chart() -> tuple[str, str]:
    """Return the CRPS of models against the number of measured stations, blocks held out."""
    head, *rows = table("Measured stations")
    columns = [at for at, name in enumerate(head) if name.startswith("blocks, ")]
    drawn = {row[0]: [float(row[at]) for at in columns] for row in rows}
    colours = {"ours": TEAL, "ours without measured": GREY, "random forest": AMBER}
    colours |= {"ordinary kriging": "#b5651d", "retrieval in embedding": INK}

    def at(column: int, value: float) -> tuple[float, float]:
        return 90 + 200 * column, 260 - 5000 * (value - 0.03)

    parts = [text(20, 26, "CRPS on five unseen simulated cities, blocks of 2 km", weight=600)]
    parts += [
        text(
            at(at_, 0.03)[0],
            284,
            head[column].removeprefix("blocks, ") + " stations",
            size=12,
            anchor="middle",
        )
        for at_, column in enumerate(columns)
    ]
    parts += [
        text(60, at(0, value)[1] + 4, f"{value:.2f}", size=11, anchor="end")
        for value in (0.03, 0.04, 0.05, 0.06, 0.07)
    ]
    lowest = 0.0
    for name in sorted(colours, key=lambda name: -drawn[name][-1]):
        points = [at(column, value) for column, value in enumerate(drawn[name])]
        lowest = max(lowest + 15, points[-1][1] + 4)
        parts += [
            line(points, colours[name], 2.5),
            text(points[-1][0] + 10, lowest, name, size=12, colour=colours[name]),
        ]
    return figure("measured-support.svg", "CRPS against measured stations", 300, parts)


def forecast_chart() -> tuple[str, str]:
    """Return the errors of the forecasters on Milan after three days."""
    head, *rows = table("Forecasters")
    column = head.index("Milan, 3 days")
    drawn = [(row[0], float(row[column])) for row in rows]
    return bars(
        "forecast-milan.svg",
        "Milan, 3 days of history: MAE over that of the hour-of-week mean (lower is better)",
        [(label, value, TEAL if not row else AMBER) for row, (label, value) in enumerate(drawn)],
        max(value for _, value in drawn),
        "{:.2f}",
    )


def operate_chart() -> tuple[str, str]:
    """Return the saving of the default policy and of the threshold on three cities."""
    _, *rows = table("Operation")
    drawn = []
    for model, saved, _, _, threshold in rows:
        for city, (own, other) in enumerate(
            zip(saved.split(" / "), threshold.split(" (")[0].split(" / "), strict=True), 1
        ):
            drawn += [
                (f"{model}, city {city}: greedy", float(own), TEAL),
                (f"{model}, city {city}: threshold", float(other), AMBER),
            ]
    return bars(
        "operate-saving.svg",
        "Energy saved, % of always on (the threshold serves less, see the table)",
        drawn,
        max(value for _, value, _ in drawn),
        "{:.1f}",
    )


def figures() -> dict[str, str]:
    """Return the content of each figure by file name."""
    made = (
        place_to_traffic(),
        ranges(),
        energy(),
        generator_chart(),
        support_chart(),
        forecast_chart(),
        operate_chart(),
    )
    return dict(made)


if __name__ == "__main__":
    for file, content in figures().items():
        (HERE / file).write_text(content, encoding="utf-8")
