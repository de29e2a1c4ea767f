"""`netspatial bench generate --only joint`: joint samples of neighbouring stations."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from netspatial.cli.console import console
from netspatial.cli.json_file import write_json
from netspatial.cli.progress import progress_bar

if TYPE_CHECKING:
    from netspatial.city.city import City
    from netspatial.evaluate.joint import JointReport, JointRow

COLUMNS = {
    "energy_score": "energy",
    "variogram_score": "variogram",
    "district_cov90_1h": "cov90 1 h",
    "district_cov90_24h": "24 h",
    "district_cov90_peak": "peak",
    "crps": "CRPS",
}


def bench_joint(
    city: Path | None,
    work: Path,
    real: Path | None,
    model: Path | None,
    results: Path | None,
    json_path: Path | None,
    *,
    quick: bool,
) -> None:
    """Score one city, or the simulated `unseen` ones and Milan where its data are.

    results : file of the one city; of several, each is kept in `work`
    """
    from netspatial.context.embed import load_context  # noqa: PLC0415  light start-up
    from netspatial.evaluate.joint import score_joint  # noqa: PLC0415
    from netspatial.evaluate.joint_ensembles import joint_data  # noqa: PLC0415
    from netspatial.generate.generator import Generator  # noqa: PLC0415

    context, generator = load_context(), Generator.load(model)
    reports = []
    with progress_bar() as progress:
        for opened in _cities(city, work, real, quick=quick):
            kept = results if city is not None else work / f"joint-{opened.folder.name}.json"
            progress(f"embedding the stations of {opened.name}", 0.0)
            data = joint_data(opened, context, generator)
            reports.append(score_joint(data, generator, results=kept, progress=progress))
    write_json(json_path, _record(reports))
    for report in reports:
        _show(report.rows)


def _cities(city: Path | None, work: Path, real: Path | None, *, quick: bool) -> "Iterator[City]":
    from netspatial.city.city import City  # noqa: PLC0415  light start-up
    from netspatial.evaluate.generate_data import UNSEEN_SEEDS, simulated_city  # noqa: PLC0415
    from netspatial.evaluate.milan_city import milan_city  # noqa: PLC0415
    from netspatial.evaluate.realdata import real_folder  # noqa: PLC0415

    if city is not None:
        yield City.open(city)
        return
    folder = real_folder(real)
    if folder is not None and (folder / "milan").is_dir():
        yield milan_city(folder, work / "milan")
    for seed in list(UNSEEN_SEEDS)[: 1 if quick else len(UNSEEN_SEEDS)]:
        yield simulated_city(work, "unseen", seed)


def _record(reports: "Sequence[JointReport]") -> dict[str, object]:
    return {
        "rows": [row.record() for report in reports for row in report.rows],
        "correlation": [one for report in reports for one in report.correlation],
    }


def _show(rows: "Sequence[JointRow]") -> None:
    """Print one table per city and setting."""
    for data in dict.fromkeys(row.data for row in rows):
        table = Table(box=box.SIMPLE, padding=(0, 0, 0, 1), title=data)
        for heading in ("model", *COLUMNS.values()):
            table.add_column(heading, no_wrap=True)
        for row in (row.record() for row in rows if row.data == data):
            table.add_row(row["model"], *(f"{row[name]:.4f}" for name in COLUMNS))
        console().print(table)
