"""New cities and models: simulate a city, upload one, fine-tune the generator on one.

Simulation and fine-tuning run in workers; an upload is validated completely before it is stored.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import available_timezones

import streamlit as st

from netspatial.city.city import City, Part
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.jobs import worker
from netspatial.runs.jobs.run import Run
from netspatial.runs.kinds import finetuning, simulating
from netspatial.simulate.simulation import LIMITS
from netspatial.ui.cities.upload import Given, Upload, add_city, folder_name
from netspatial.ui.cities.upload_kinds import KINDS, MAX_MB, endings
from netspatial.ui.server import workspace

FAMILIES = {"train": "Like the training cities", "unseen": "Unlike the training cities"}
PART_NAMES: dict[Part, str] = {
    "imagery": "Image",
    "pois": "Points of interest",
    "stations": "Stations",
    "traffic": "Traffic",
    "landuse": "Land use",
}
ROWS: tuple[tuple[Part, ...], ...] = (("imagery", "landuse"), ("pois", "stations"), ("traffic",))
"""Parts of a city by row of the page."""
PART_HELP: dict[Part, str] = {
    "imagery": "GeoTIFF of the city with red, green and blue bands, in any coordinate system.",
    "pois": "One row per place: name, category, and lon and lat or a geometry, as CSV, GeoParquet, "
    "GeoJSON, GeoPackage or a zipped shapefile. Or an OpenStreetMap extract.",
    "stations": "One row per station: station_id, lon and lat or a geometry, capacity and tier. Or "
    "the cell list of OpenCelliD, whose cells are merged into sites.",
    "traffic": "One row per station and hour: station, time, value and, for several services, "
    "service. Or one row per hour and one column per station. Or one or more daily files of "
    "Telecom Italia, whose grid squares become stations.",
    "landuse": "Polygons with their use, such as water or park; lines of roads, widened to the "
    "usual width of their class; a raster of CORINE classes; or an OpenStreetMap extract. Used "
    "only to exclude places where building is not allowed.",
}


def simulate_panel(cities: Path) -> None:
    """Let the user simulate a city."""
    st.markdown(
        "Simulate a city from a seed: land use, image, points of interest, stations and hourly "
        "traffic."
    )
    with st.form("simulate", border=True):
        left, middle, right = st.columns(3)
        name = left.text_input("Name", "my-city", max_chars=40)
        seed = middle.number_input(
            "Seed", 0, 2**31 - 1, 11, help="The same settings and seed give the same city."
        )
        family = right.selectbox(
            "Family", list(FAMILIES), format_func=FAMILIES.__getitem__, filter_mode=None
        )
        size = left.number_input("Side, km", *_limits("size_km"), 6.0, 1.0)
        stations = middle.number_input("Stations", 1, 2000, 100)
        pois = right.number_input("Points of interest", 0, 100_000, 3000, 500)
        gsd = left.number_input("Metres per pixel", *_limits("gsd_m"), 5.0, 1.0)
        weeks = middle.number_input("Weeks of traffic", 1, 26, 4)
        if st.form_submit_button("Simulate", type="primary", icon=":material/science:"):
            kind: Literal["train", "unseen"] = "train" if family == "train" else "unseen"
            town = simulating.CityParameters(
                seed=int(seed),
                family=kind,
                size_km=float(size),
                stations=int(stations),
                pois=int(pois),
                gsd_m=float(gsd),
                weeks=int(weeks),
            )
            _begin(
                lambda: simulating.submit(cities / folder_name(name), town, workspace.runs_folder())
            )
    st.caption("12 km with 300 stations take about a minute on two cores.")


def finetune_panel(cities: Mapping[str, Path]) -> None:
    """Let the user fine-tune the generator on a city's traffic."""
    st.markdown(
        "Fine-tune the built-in generator on the traffic of a city with about fifty measured "
        "stations or more. First the mean level is shifted to that of the city, then all weights "
        "are trained at a low learning rate. One week of traffic is enough for the level and the "
        "mean daily profiles; more weeks adapt everything."
    )
    with st.form("finetune", border=True):
        left, right = st.columns(2)
        able = [name for name, folder in cities.items() if City.open(folder).has("traffic")]
        if not able:
            st.info("No city here has traffic to train on.")
        name = left.selectbox("City with traffic", able, filter_mode=None)
        steps = right.number_input("Maximum steps", 1, 20_000, 1000, 100)
        seed = left.number_input("Seed", 0, 2**31 - 1, 0)
        pressed = st.form_submit_button(
            "Fine-tune", type="primary", icon=":material/model_training:", disabled=not able
        )
        if pressed and name is not None:
            city = City.open(cities[name])
            runs = workspace.runs_folder()
            _begin(lambda: finetuning.submit(city, steps=int(steps), seed=int(seed), runs=runs))
    st.caption("1,000 steps take a few minutes; training ends earlier if it stops improving.")


def add_panel(cities: Path) -> None:
    """Let the user upload a city; nothing is stored unless all of it is valid."""
    st.markdown(
        "Upload the parts that you have. Any part may be missing; functions that need it report "
        "that. Traffic requires stations. Everything is validated before anything is stored."
    )
    with st.form("add", border=True):
        left, right = st.columns(2)
        name = left.text_input("Name of the city", max_chars=80)
        zones = sorted(available_timezones())
        zone = right.selectbox("Time zone", zones, index=zones.index("UTC"))
        given: dict[Part, Given] = {}
        for row in ROWS:
            columns = st.columns(2)
            for column, part in zip(columns, row, strict=False):
                with column:
                    given[part] = _files(part)
        unit = columns[1].text_input("Traffic unit", placeholder="GB/h", max_chars=20)
        box = columns[1].text_input(
            "Bounding box, degrees: west, south, east, north",
            help="Required without an image.",
            placeholder="9.10, 45.40, 9.25, 45.52",
            max_chars=80,
        )
        left, right = st.columns(2)
        licence = left.text_input("Data licence", placeholder="CC-BY-4.0", max_chars=80)
        attribution = right.text_input("Attribution", max_chars=200)
        if not st.form_submit_button("Validate and add", type="primary", icon=":material/add:"):
            return
    try:
        with st.spinner("Validating …"):
            city = add_city(
                cities,
                name,
                zone,
                {part: one for part, one in given.items() if one.files},
                bounds=box,
                unit=unit,
                licence=licence,
                attribution=attribution,
            )
    except NetSpatialError as error:
        st.error(in_markdown(error), icon=":material/error:")
        return
    st.success(
        in_markdown(f"{city.name} was added as {city.folder.name}."), icon=":material/check:"
    )
    for note in city.record.parameters.get("notes", []):
        st.caption(in_markdown(note))


def _files(part: Part) -> Given:
    """Return the files of a part that the user uploads, and their kind."""
    kinds = KINDS[part]
    many = any(kind.many for kind in kinds.values())
    files = st.file_uploader(
        PART_NAMES[part],
        key=f"add-{part}",
        type=endings(part),
        max_upload_size=MAX_MB[part],
        help=PART_HELP[part],
        accept_multiple_files=many,
    )
    kind = next(iter(kinds))
    if len(kinds) > 1:
        kind = st.selectbox(
            f"Format: {PART_NAMES[part]}",
            list(kinds),
            key=f"add-kind-{part}",
            format_func=lambda name: kinds[name].title,
            filter_mode=None,
            label_visibility="collapsed",
        )
    found = files if isinstance(files, list) else [files]
    return Given(kind, [Upload(file.name, file.getvalue()) for file in found if file is not None])


def _begin(submit: Callable[[], Run]) -> None:
    try:
        run = submit()
        worker.start(run.folder)
    except NetSpatialError as error:
        st.error(in_markdown(error), icon=":material/error:")
        return
    st.query_params["run"] = run.name
    st.rerun()


def _limits(name: str) -> tuple[float, float]:
    low, high, _ = LIMITS[name]
    return float(low), float(high)
