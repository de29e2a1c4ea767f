"""Plots of generated and true months and weeks, for one station of each land use."""

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from netspatial.arrays import Floats32
from netspatial.context.embed import load_context
from netspatial.disk import atomic_file
from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city
from netspatial.generate.city_data import read_city
from netspatial.generate.generator import Generator
from netspatial.generate.sampling import draw

USES = ("OFFICE", "RESIDENTIAL", "COMMERCIAL", "ENTERTAINMENT", "TRANSPORT", "INDUSTRIAL")
SHOWN_SAMPLES = 2
REAL, GENERATED = "#1b1b1b", ("#c2410c", "#0e7490")


def plot_months(folder: Path, work: Path, model: Path | None = None) -> list[Path]:
    """Write one HTML page per land use: a month and its first week, one true and two generated.

    The station is that of median load among those of an unseen simulated city with this main use.
    """
    context = load_context()
    city = simulated_city(work, "unseen", UNSEEN_SEEDS[0])
    data, generator = read_city(city, context), Generator.load(model)
    uses = city.stations["dominant_use"].astype(str).str.upper().to_numpy()
    written = []
    for use in USES:
        found = np.flatnonzero(uses == use)
        if not found.size:
            continue
        middle = found[np.argsort(data.x[found].mean(1))[len(found) // 2]]
        one = slice(middle, middle + 1)
        blocks = draw(
            generator.model, data.context[one], data.hours[one], [use], SHOWN_SAMPLES, seed=0
        )
        generated = next(iter(blocks))[1][0]
        path = folder / f"{use.lower()}.html"
        with atomic_file(path) as draft:
            page = _figure(use.lower(), data.x[middle], generated, data.unit)
            draft.write_text(page.to_html(include_plotlyjs=True))
        written.append(path)
    return written


def _figure(use: str, real: Floats32, generated: Floats32, unit: str) -> go.Figure:
    series = {"simulated truth": real} | {
        f"generated {i + 1}": sample for i, sample in enumerate(generated)
    }
    figure = make_subplots(
        rows=len(series) + 1, cols=1, vertical_spacing=0.05, subplot_titles=[*series, "first week"]
    )
    for row, (name, values) in enumerate(series.items(), start=1):
        colour = REAL if row == 1 else GENERATED[row - 2]
        line = {"color": colour, "width": 1.2}
        figure.add_trace(go.Scatter(y=values, name=name, line=line, showlegend=False), row, 1)
        week = go.Scatter(y=values[:168], name=name, line=line)
        figure.add_trace(week, len(series) + 1, 1)
    figure.update_yaxes(rangemode="tozero", title_text=unit)
    figure.update_xaxes(title_text="hour", row=len(series) + 1, col=1)
    figure.update_layout(title=f"A station among {use} uses", height=1000, template="simple_white")
    return figure
