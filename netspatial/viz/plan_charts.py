"""Chart of a plan: the utility of its sites."""

import geopandas as gpd
import plotly.graph_objects as go

from netspatial.plain_text import in_figure
from netspatial.viz.plan_map import short_id
from netspatial.viz.station_charts import TEAL, axes
from netspatial.viz.wording import capitalised


def sites_chart(sites: gpd.GeoDataFrame, title: str, unit: str, height_px: int = 260) -> go.Figure:
    """Return the bars of the sites' mean utility, in order of rank, with their 80 % range."""
    unit = in_figure(unit)
    figure = axes(in_figure(capitalised(title)), unit, height_px)
    mean = sites["utility_mean"].to_numpy(dtype=float)
    low, high = (sites[f"utility_{part}"].to_numpy(dtype=float) for part in ("p10", "p90"))
    figure.add_bar(
        x=[f"{int(rank)}" for rank in sites["rank"]],
        y=mean,
        marker={"color": TEAL},
        # the mean of a skewed ensemble may lie outside its 80 % range
        error_y={"array": (high - mean).clip(0), "arrayminus": (mean - low).clip(0)},
        customdata=[
            [in_figure(short_id(str(cell))), bottom, top]
            for cell, bottom, top in zip(sites["cell_id"], low, high, strict=True)
        ],
        hovertemplate=f"Site %{{x}}, cell %{{customdata[0]}}<br>%{{y:.3~g}} {unit}, 80 % range "
        "%{customdata[1]:.3~g} to %{customdata[2]:.3~g}<extra></extra>",
    )
    figure.update_xaxes(title="rank", type="category")
    return figure
