"""The commands that are attacked: how each is called on good files, and what can be spoilt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

CITY = (
    "city/city.json",
    "city/imagery.tif",
    "city/pois.parquet",
    "city/stations.parquet",
    "city/landuse.parquet",
    "city/traffic.nc",
)
WEIGHTS = ("config.json", "weights.safetensors")

NUMBER, COUNT, PATH, NAME = "number", "count", "path", "name"
"""Kinds of options, by which bad values of them are chosen."""

_AREA = {
    "--bbox": NAME,
    "--around": NAME,
    "--side-m": NUMBER,
    "--limit-km2": NUMBER,
    "--file": PATH,
}


@dataclass(frozen=True)
class Command:
    """A command that ends well.

    argv    : its words; it is run in a folder that holds what it needs
    needs   : names of what it reads, of the good files
    spoilt  : the files that are spoilt, one at a time
    options : those that are given bad values, with their kinds
    makes_run : whether a run's folder may stay behind, failed, to be resumed
    passes_over : whether what cannot be read is left out of what it shows
    """

    argv: tuple[str, ...]
    needs: tuple[str, ...]
    spoilt: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    makes_run: bool = False
    passes_over: bool = False


def _build(part: str, source: str, *more: str) -> Command:
    """Build a city of one source of one part, and of stations where the part is traffic."""
    file = source.rpartition(":")[2].partition("#")[0]
    words = ("city", "build", "Town", "--out", "built", "--file", "whole.geojson", "--json")
    return Command(
        (*words, f"--{part}", source, *more),
        (file, "whole.geojson", "stations.csv", "squares.csv"),
        (file,),
    )


def _model(kind: str) -> tuple[str, ...]:
    return tuple(f"{kind}/{name}" for name in WEIGHTS)


COMMANDS: dict[str, Command] = {
    **{
        f"area-{ending}": Command(
            ("area", "--file", f"area.{ending}", "--json"), (f"area.{ending}",), (f"area.{ending}",)
        )
        for ending in ("geojson", "parquet", "kml", "zip")
    },
    "area": Command(
        ("area", "--around", "9.19,45.46", "--side-m", "900", "--out", "out.geojson", "--json"),
        ("area.geojson",),
        options={**_AREA, "--out": PATH},
    ),
    "grid": Command(
        (
            "grid",
            "--city",
            "city",
            "--file",
            "area.geojson",
            "--cell-m",
            "200",
            "--out",
            "out.parquet",
            "--json",
        ),
        ("city", "area.geojson"),
        CITY,
        {
            **_AREA,
            "--cell-m": NUMBER,
            "--h3": COUNT,
            "--skip-mask": NAME,
            "--city": PATH,
            "--station-distance-m": NUMBER,
            "--out": PATH,
        },
    ),
    "describe": Command(("city", "describe", "city", "--json"), ("city",), CITY),
    "describe-table": Command(("city", "describe", "city"), ("city",), CITY),
    "validate": Command(("city", "validate", "city", "--json"), ("city",), CITY),
    "build": Command(
        (
            "city",
            "build",
            "Town",
            "--out",
            "built",
            "--file",
            "whole.geojson",
            "--pois",
            "pois.csv",
            "--json",
        ),
        ("pois.csv", "whole.geojson"),
        ("whole.geojson",),
        {
            **_AREA,
            "--timezone": NAME,
            "--pois": PATH,
            "--stations": PATH,
            "--landuse": PATH,
            "--imagery": PATH,
            "--traffic": PATH,
            "--out": PATH,
            "--provenance": NAME,
            "--max-mb": NUMBER,
        },
    ),
    **{
        f"build-{source.replace(':', '-').partition('#')[0]}": _build(part, source, *more)
        for part, source, *more in (
            ("pois", "pois.csv"),
            ("pois", "pois.csv.gz"),
            ("pois", "pois.geojson"),
            ("pois", "pois.parquet"),
            ("pois", "pois.gpkg"),
            ("pois", "pois.zip"),
            ("pois", "osm:extract.osm"),
            ("landuse", "use.geojson"),
            ("landuse", "use.parquet"),
            ("landuse", "use.zip"),
            ("landuse", "use.gpkg"),
            ("imagery", "image.tif"),
            ("stations", "stations.csv"),
            ("stations", "stations.csv.gz"),
            ("stations", "stations.geojson"),
            ("stations", "opencellid:cells.csv"),
            ("stations", "opencellid:cells.csv.gz"),
            ("traffic", "tidy:tidy.csv#unit=MB", "--stations", "stations.csv"),
            ("traffic", "tidy:tidy.csv.gz#unit=MB", "--stations", "stations.csv"),
            ("traffic", "tidy:tidy.parquet#unit=MB", "--stations", "stations.csv"),
            ("traffic", "wide:wide.csv#unit=MB", "--stations", "stations.csv"),
            ("traffic", "telecom-italia:telecom.txt", "--stations", "squares.csv"),
        )
    },
    "embed": Command(
        ("embed", "city", "--out", "out.parquet", "--places", "places.parquet", "--json"),
        ("city", "places.parquet"),
        (
            "places.parquet",
            "city/city.json",
            "city/imagery.tif",
            "city/pois.parquet",
            "city/stations.parquet",
        ),
        {"--places": PATH, "--model": PATH, "--out": PATH},
    ),
    "embed-model": Command(
        ("embed", "city", "--out", "out.parquet", "--model", "context", "--json"),
        ("city", "context"),
        _model("context"),
    ),
    "generate": Command(
        (
            "generate",
            "city",
            "--area",
            "area.geojson",
            "--out",
            "out.nc",
            "--cell-m",
            "250",
            "--samples",
            "2",
            "--weeks",
            "1",
            "--json",
        ),
        ("city", "area.geojson"),
        ("area.geojson", "city/city.json", "city/pois.parquet", "city/imagery.tif"),
        {
            "--cell-m": NUMBER,
            "--samples": COUNT,
            "--seed": COUNT,
            "--weeks": COUNT,
            "--start": NAME,
            "--model": PATH,
            "--context": PATH,
            "--device": NAME,
            "--area": PATH,
            "--out": PATH,
        },
    ),
    "generate-model": Command(
        (
            "generate",
            "city",
            "--area",
            "area.geojson",
            "--out",
            "out.nc",
            "--cell-m",
            "250",
            "--samples",
            "2",
            "--weeks",
            "1",
            "--model",
            "models",
            "--json",
        ),
        ("city", "area.geojson", "models"),
        _model("models"),
    ),
    "finetune": Command(
        (
            "finetune",
            "--out",
            "made",
            "--data",
            "series.npz",
            "--model",
            "trained",
            "--steps",
            "2",
            "--json",
        ),
        ("series.npz", "trained"),
        ("series.npz", *_model("trained")),
        {
            "--data": PATH,
            "--model": PATH,
            "--steps": COUNT,
            "--device": NAME,
            "--seed": COUNT,
            "--cities": PATH,
            "--service": NAME,
            "--context": PATH,
            "--out": PATH,
        },
    ),
    "plan": Command(
        (
            "plan",
            "city",
            "--area",
            "area.geojson",
            "--cell-m",
            "250",
            "--samples",
            "2",
            "--weeks",
            "1",
            "--sites",
            "1",
            "--out",
            "run",
            "--json",
        ),
        ("city", "area.geojson"),
        CITY,
        {
            **_AREA,
            "--cell-m": NUMBER,
            "--sites": COUNT,
            "--utility": NAME,
            "--method": NAME,
            "--spacing-m": NUMBER,
            "--radius-m": NUMBER,
            "--min-demand": NUMBER,
            "--risk": NUMBER,
            "--weight": NAME,
            "--require": NAME,
            "--exclude": NAME,
            "--skip-mask": NAME,
            "--station-distance-m": NUMBER,
            "--samples": COUNT,
            "--weeks": COUNT,
            "--start": NAME,
            "--seed": COUNT,
            "--explain": NAME,
            "--model": PATH,
            "--context": PATH,
            "--device": NAME,
            "--out": PATH,
        },
        makes_run=True,
    ),
    "operate": Command(
        (
            "operate",
            "city",
            "--hours",
            "3",
            "--samples",
            "2",
            "--forecaster",
            "seasonal-naive",
            "--out",
            "run",
            "--power",
            "power.csv",
            "--json",
        ),
        ("city", "power.csv"),
        ("power.csv", *CITY),
        {
            "--stations": PATH,
            "--hours": COUNT,
            "--mode": NAME,
            "--policy": NAME,
            "--policy-param": NAME,
            "--power": PATH,
            "--small-power": PATH,
            "--qoe-min": NUMBER,
            "--forecaster": NAME,
            "--samples": COUNT,
            "--service": NAME,
            "--buildings": PATH,
            "--co2": NUMBER,
            "--price": NUMBER,
            "--seed": COUNT,
            "--out": PATH,
        },
        makes_run=True,
    ),
    **{
        f"fit-{ending}": Command(
            (
                "forecast",
                "fit",
                f"table.{ending}",
                "--tasks",
                "call,data",
                "--input",
                "24",
                "--horizon",
                "12",
                "--init",
                "scratch",
                "--steps",
                "2",
                "--out",
                "made",
                "--json",
            ),
            (f"table.{ending}",),
            (f"table.{ending}",),
        )
        for ending in ("csv", "parquet", "csv.gz")
    },
    "fit": Command(
        (
            "forecast",
            "fit",
            "city",
            "--tasks",
            "total",
            "--input",
            "24",
            "--horizon",
            "12",
            "--init",
            "scratch",
            "--steps",
            "2",
            "--out",
            "made",
            "--json",
        ),
        ("city",),
        ("city/city.json", "city/traffic.nc", "city/stations.parquet"),
        {
            "--tasks": NAME,
            "--input": COUNT,
            "--horizon": COUNT,
            "--init": NAME,
            "--preset": NAME,
            "--steps": COUNT,
            "--timezone": NAME,
            "--seed": COUNT,
            "--out": PATH,
        },
    ),
    "predict": Command(
        ("forecast", "predict", "forecaster", "table.parquet", "--out", "out.parquet", "--json"),
        ("forecaster", "table.parquet"),
        ("table.parquet", *_model("forecaster")),
        {"--timezone": NAME, "--out": PATH},
    ),
    "show-plan": Command(
        ("runs", "show", "plan"),
        ("plan",),
        tuple(
            f"plan/{name}"
            for name in (
                "manifest.json",
                "progress.json",
                "plan.json",
                "cells.parquet",
                "sites.parquet",
                "site_change.parquet",
                "site_change.json",
            )
        ),
    ),
    "show-operate": Command(
        ("runs", "show", "operate"),
        ("operate",),
        tuple(
            f"operate/{name}"
            for name in ("manifest.json", "progress.json", "summary.json", "stations.parquet")
        ),
    ),
    "export-plan": Command(
        ("runs", "export", "plan", "--out", "out.geojson"),
        ("plan",),
        ("plan/manifest.json", "plan/cells.parquet"),
        {"--out": PATH, "--column": NAME},
    ),
    "export-tif": Command(
        ("runs", "export", "plan", "--out", "out.tif"),
        ("plan",),
        ("plan/manifest.json", "plan/cells.parquet"),
        {"--column": NAME},
    ),
    "export-operate": Command(
        ("runs", "export", "operate", "--out", "out.csv"),
        ("operate",),
        ("operate/manifest.json", "operate/schedule.parquet"),
    ),
    "resume": Command(
        ("runs", "resume", "plan", "--json"),
        ("plan",),
        tuple(
            f"plan/{name}"
            for name in (
                "manifest.json",
                "progress.json",
                "grid.parquet",
                "places.parquet",
                "context.parquet",
                "statistics.nc",
                "cells.parquet",
                "plan.json",
            )
        ),
        makes_run=True,
    ),
    "compare": Command(
        ("runs", "compare", "plan", "plan", "--json"),
        ("plan",),
        ("plan/manifest.json", "plan/cells.parquet", "plan/sites.parquet"),
    ),
    "list": Command(
        ("runs", "list", ".", "--json"),
        ("plan",),
        ("plan/manifest.json", "plan/progress.json"),
        passes_over=True,
    ),
    "simulate": Command(
        (
            "simulate",
            "--out",
            "made",
            "--size-km",
            "1",
            "--stations",
            "4",
            "--pois",
            "20",
            "--gsd-m",
            "20",
            "--weeks",
            "1",
            "--json",
        ),
        (),
        options={
            "--seed": COUNT,
            "--family": NAME,
            "--size-km": NUMBER,
            "--stations": COUNT,
            "--pois": COUNT,
            "--gsd-m": NUMBER,
            "--weeks": COUNT,
            "--redraw": COUNT,
            "--out": PATH,
        },
    ),
}
"""By a short name."""
