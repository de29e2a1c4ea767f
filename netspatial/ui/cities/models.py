"""Lists of the installed cities and models with provenance, licences and model cards."""

from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired

import pydantic
import streamlit as st
from markupsafe import Markup
from typing_extensions import TypedDict

from netspatial.bundled_weights import bundled
from netspatial.checked import read_json
from netspatial.city.city import FILES, City
from netspatial.errors import NetSpatialError
from netspatial.plain_text import in_markdown
from netspatial.runs.kinds.finetuning import finished_models, model_of
from netspatial.templates import render
from netspatial.ui.components import panels
from netspatial.ui.components.library import city_version
from netspatial.ui.server import workspace
from netspatial.ui.server.navigation import app_page
from netspatial.viz.city_queries import backdrop
from netspatial.viz.wording import facts

SECTIONS = {"models": "Traffic generator", "context": "Context model", "encoders": "Image encoder"}
"""Folders of built-in weights and the kind of model in each."""
BUILT_IN = "built-in"
THUMBNAIL_PX = 240


@pydantic.with_config(extra="allow")
class _Facts(TypedDict):
    licences: NotRequired[list[str]]
    trained_on: NotRequired[str]


@pydantic.with_config(extra="allow")
class _Config(TypedDict):
    """What is shown of a model's config."""

    facts: NotRequired[_Facts]


@dataclass(frozen=True)
class Model:
    """An installed model.

    what   : its kind, in words; origin : `BUILT_IN`, or the run that created it
    card   : model card, Markdown; licences : of the training data, if known
    """

    name: str
    what: str
    origin: str
    folder: Path
    card: str
    licences: tuple[str, ...]
    trained_on: str | None


def installed_models() -> list[Model]:
    """Return the built-in models and those that were fine-tuned here."""
    found = [
        read_model(folder, SECTIONS[room], BUILT_IN)
        for room in SECTIONS
        for folder in sorted(bundled(room, "").glob("*"))
        if (folder / "config.json").is_file()
    ]
    made = finished_models(workspace.runs_folder())
    return found + [read_model(model_of(run), SECTIONS["models"], run.name) for run in made]


def read_model(folder: Path, what: str, origin: str) -> Model:
    """Read what a model's folder says of itself; the weights are not opened."""
    metadata = read_json(folder / "config.json", _Config).get("facts", {})
    card = folder / "card.md"
    return Model(
        name=folder.name if origin == BUILT_IN else origin,
        what=what,
        origin=origin,
        folder=folder,
        card=card.read_text(errors="replace") if card.is_file() else "This model has no card.",
        licences=tuple(metadata.get("licences", ())),
        trained_on=metadata.get("trained_on"),
    )


def cities_panel(cities: dict[str, Path]) -> None:
    """Show every city with its provenance, size, licences and, on request, its problems."""
    if not cities:
        st.info("There is no city yet. Simulate one, or add your own, in the tabs above.")
    for name, folder in cities.items():
        with st.container(border=True, key=f"city-card-{name}"):
            try:
                _city_card(name, City.open(folder))
            except NetSpatialError as error:
                st.markdown(f"**{in_markdown(name)}**")
                st.error(in_markdown(error), icon=":material/error:")


def models_panel() -> None:
    """Show every model with its model card."""
    for model in installed_models():
        with st.container(border=True, key=f"model-card-{model.what}-{model.name}"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{model.what}** {in_markdown(model.name)}", width="content")
                built_in = model.origin == BUILT_IN
                st.badge(
                    BUILT_IN if built_in else "fine-tuned here",
                    color="blue" if built_in else "green",
                )
                if model.trained_on in panels.BADGES:
                    st.caption(f"trained on {model.trained_on} traffic", width="content")
            if model.licences:
                st.caption(in_markdown(f"Training data licences: {', '.join(model.licences)}"))
            with st.expander("Model card"):
                st.markdown(model.card)
            if not built_in:
                st.page_link(
                    app_page("plan"),
                    label="Use for planning",
                    icon=":material/add_location_alt:",
                    query_params={"model": model.origin},
                )


def _city_card(name: str, city: City) -> None:
    picture, description = st.columns([1, 7], gap="medium")
    if city.has("imagery"):
        uri = _thumbnail(city.folder, city_version(city.folder))
        picture.html(render("ui/cities/thumbnail.html", city=city.name, uri=uri))
    with description:
        _city_words(name, city)


def _city_words(name: str, city: City) -> None:
    record = city.record
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{in_markdown(city.name)}** {in_markdown(name)}", width="content")
        panels.provenance_badge(record.provenance)
        for page, label, icon in (
            ("city", "Open", ":material/map:"),
            ("validate", "Validate", ":material/query_stats:"),
        ):
            st.page_link(app_page(page), label=label, icon=icon, query_params={"city": name})
    st.caption(_facts(city.folder, city_version(city.folder)))
    st.html(licence_table(city))
    if record.attribution:
        st.caption(in_markdown("; ".join(record.attribution)))
    if st.button("Check files", key=f"check-{name}", icon=":material/fact_check:"):
        problems = city.validate()
        for problem in problems:
            st.warning(in_markdown(problem))
        if not problems:
            st.success("All parts are valid.", icon=":material/check:")


@st.cache_data(max_entries=64, show_spinner=False)
def _thumbnail(folder: Path, city_version: int) -> str:  # noqa: ARG001 for the cache
    return backdrop(folder, THUMBNAIL_PX).uri


@st.cache_data(max_entries=64, show_spinner=False)
def _facts(folder: Path, city_version: int) -> str:  # noqa: ARG001 for the cache
    return facts(City.open(folder))


def licence_table(city: City) -> Markup:
    """Return the HTML of a city's parts with their licences; absent parts are marked missing."""
    licences = city.record.licences
    parts = [
        (part, licences.get(part, "licence not stated") if city.has(part) else None)
        for part in FILES
    ]
    return render("ui/cities/parts.html", parts=parts)
