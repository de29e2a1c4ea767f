"""What a plan shows in a notebook: its sites as a table, a map, and an interactive map."""

import numpy as np
import pandas as pd

from netspatial.runs.exports.origin import attribution
from netspatial.runs.kinds.plan_result import PlanRun
from netspatial.runs.report.site_map import draw_map
from netspatial.viz.city_map import image_layer
from netspatial.viz.city_queries import backdrop
from netspatial.viz.colours import Scale
from netspatial.viz.notebook_page import IMAGE_PX, NotebookMap, card, notebook_map
from netspatial.viz.plan_map import (
    area_rings,
    border_layer,
    cell_outlines,
    cells_layer,
    outline_bounds,
    plan_view,
    short_id,
    site_layers,
)
from netspatial.viz.wording import capitalised, number


def plan_html(plan: PlanRun) -> str:
    """Return the ranking of a plan as a table, with its map."""
    facts, metadata = plan.facts, plan.metadata
    utility, floor = metadata["utility"], metadata["demand_floor"]["sentence"]
    ranked = f"{capitalised(utility['title'])}, method {plan.request.settings.method}"
    cells = f"{len(plan.cells):,} cells of {plan.request.cell_m:g} m"
    lines = [
        f"{ranked}, {cells}, {metadata['samples']} samples",
        floor,
        f"Traffic is {facts['provenance']}, seed {facts['seed']}. Data: {attribution(plan)}",
    ]
    title = f"{len(plan.sites)} sites in {facts['city']['name']}"
    return card(title, lines, ranking(plan), draw_map(plan, IMAGE_PX))


def ranking(plan: PlanRun) -> pd.DataFrame:
    """Return one row per site with its numbers as text."""
    sites, metadata = plan.sites, plan.metadata
    unit = metadata["utility"]["unit"]
    return pd.DataFrame(
        {
            "rank": sites["rank"].astype(int).to_numpy(),
            "cell": sites["cell_id"].map(short_id).to_numpy(),
            f"utility, {unit}" if unit else "utility": sites["utility_mean"].map(number).to_numpy(),
            f"demand, {metadata['demand_unit']}": sites["demand_mean"].map(number).to_numpy(),
            "80 % range": [
                f"{number(low)} – {number(high)}"
                for low, high in zip(sites["demand_p10"], sites["demand_p90"], strict=True)
            ],
            "selected in": [
                f"{count} of {samples}"
                for count, samples in zip(sites["selected_in"], sites["samples"], strict=True)
            ],
        }
    )


def plan_map(plan: PlanRun) -> NotebookMap:
    """Return the cells coloured by utility over the city's image, and the numbered sites."""
    cells, utility, sites = plan.cells, plan.metadata["utility"], plan.sites
    values = cells["utility_mean"].to_numpy(dtype=float)
    scale = Scale.over(np.where(cells["status"] == "not feasible", np.nan, values), utility["unit"])
    rings = cell_outlines(cells)
    layers = [image_layer(backdrop(plan.city.folder))] if plan.city.has("imagery") else []
    layers.append(cells_layer(cells, rings, values, scale, capitalised(utility["title"])))
    layers.append(border_layer(area_rings(plan.request.open_area())))
    layers += site_layers(pd.DataFrame(sites[["lon", "lat", "rank"]]).assign(height=0.0))
    return notebook_map(layers, plan_view(outline_bounds(rings), "flat", None))
