"""Build a city from sources: estimate, fetch each part once, and write the city atomically.

Until every part has been fetched, a folder `NAME.incomplete` next to the target stores the fetched
parts and lists the missing ones; the city itself is written only when complete and valid.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netspatial.area import Area
from netspatial.city.city import (
    UNFINISHED,
    City,
    Part,
    Provenance,
    make_record,
    unfinished,
    write_city,
)
from netspatial.content import content_hash
from netspatial.disk import Mark, atomic_file, claim_folder, hold_target, remove_folder
from netspatial.errors import BadInput, NetSpatialError
from netspatial.grid import utm_zone
from netspatial.progress import Progress, silent
from netspatial.sources import open_source
from netspatial.sources.assemble import Piece, assemble, read_piece, write_piece
from netspatial.sources.contract import Estimate, Source, SourceSettings
from netspatial.sources.spec import Spec, on_disk
from netspatial.timeline import timezone_named

ONE_ONLY: tuple[Part, ...] = ("imagery", "traffic")
"""Parts that come from a single source."""
NOT_YET = "not fetched yet"
WORK = Mark(UNFINISHED, ("city", "incomplete", "there", "missing"))
"""Mark of a folder that stores an incomplete city."""


class Incomplete(NetSpatialError):
    """Some part of a city could not be fetched; the same command resumes it."""


@dataclass(frozen=True)
class Order:
    """Request for a city.

    Attributes
    ----------
    name : str
        Name of the city.
    area : Area
        The area whose data are fetched.
    settings : SourceSettings
        Time zone, network rules and file limits.
    sources : mapping of str to sequence of str
        Source texts of each part, as `parse` reads them.
    provenance : str
        "measured", "simulated" or "generated".
    """

    name: str
    area: Area
    settings: SourceSettings
    sources: Mapping[Part, Sequence[str]]
    provenance: Provenance = "measured"


@dataclass(frozen=True)
class Step:
    """One source of an order. `key` changes when its data may have changed."""

    part: Part
    spec: Spec
    source: Source
    key: str


def steps(order: Order) -> list[Step]:
    """Make every source of an order; raises at the first mistake, before anything is fetched."""
    timezone_named(order.settings.timezone)
    requested = {part: list(texts) for part, texts in order.sources.items() if texts}
    if not requested:
        raise BadInput("A city needs at least one source; give --imagery, --pois or others.")
    for part in ONE_ONLY:
        if len(requested.get(part, [])) > 1:
            raise BadInput(f"The {part} come from one source; {len(requested[part])} were given.")
    if "traffic" in requested and "stations" not in requested:
        raise BadInput("Traffic needs stations; give --stations too.")
    made = []
    for part, texts in requested.items():
        for text in texts:
            spec, source = open_source(part, text, order.settings)
            made.append(Step(part, spec, source, _key(part, spec, order)))
    return made


def estimates(order: Order, out: Path) -> list[tuple[Step, Estimate, bool]]:
    """Return each step, its estimate, and whether its data is stored from an earlier run.

    Parameters
    ----------
    order : Order
        The request.
    out : Path
        Target folder of the city.

    Returns
    -------
    list of tuple
        (Step, Estimate, bool) of every source.

    Raises
    ------
    BadInput
        If the request or a source is not valid.
    """
    work = unfinished(out)
    return [
        (step, step.source.estimate(order.area), read_piece(work, step.key) is not None)
        for step in steps(order)
    ]


def build_city(order: Order, out: Path, progress: Progress = silent) -> City:
    """Fetch every part and write the city; raise `Incomplete` where a part failed.

    Fetched parts stay in `NAME.incomplete` and are not fetched again.

    Parameters
    ----------
    order : Order
        The request.
    out : Path
        Target folder.
    progress : callable
        Called with what is being done and the share done.

    Returns
    -------
    City
        The city, validated.

    Raises
    ------
    Incomplete
        If a part could not be fetched; the same call resumes.
    BadInput
        If the request or the city is not valid.
    """
    planned = steps(order)
    work = unfinished(out)
    with _alone(work):
        pieces: dict[str, Piece] = {}
        failed: dict[str, str] = {step.key: NOT_YET for step in planned}
        for number, step in enumerate(planned):
            _mark(work, order, planned, failed)
            share = _share(progress, step, number, len(planned))
            try:
                pieces[step.key] = _fetched(step, order, work, share)
                del failed[step.key]
            except NetSpatialError as error:
                failed[step.key] = str(error)
        _mark(work, order, planned, failed)
        if failed:
            raise Incomplete(_incomplete_message(order, planned, failed, work))
        try:
            _write(order, planned, pieces, out)
        except NetSpatialError as error:
            _mark(work, order, planned, failed, [str(error)])
            raise
        remove_folder(work, WORK)
    return City.open(out)


def _fetched(step: Step, order: Order, work: Path, progress: Progress) -> Piece:
    """Return the data of a step, stored from an earlier run or fetched now."""
    stored = read_piece(work, step.key)
    if stored is not None:
        return stored
    folder = work / "fetching" / step.key
    folder.mkdir(parents=True, exist_ok=True)
    write_piece(work, step.key, step.source.fetch(order.area, folder, progress))
    shutil.rmtree(folder)
    piece = read_piece(work, step.key)
    if piece is None:
        raise BadInput(f"'{work}' was changed while the city was built; start again.")
    return piece


def _write(order: Order, planned: list[Step], pieces: dict[str, Piece], out: Path) -> None:
    """Assemble the parts, validate the city, and write it."""
    crs = utm_zone(order.area)
    parts: dict[Part, list[Piece]] = {}
    for step in planned:
        parts.setdefault(step.part, []).append(pieces[step.key])
    whole = assemble(parts, crs, {"provenance": order.provenance})
    sources = [
        {"part": step.part, "source": _public(step.spec), "notes": list(pieces[step.key].notes)}
        for step in planned
    ]
    record = make_record(
        name=order.name,
        crs=crs.to_string(),
        bounds=order.area.bounds,
        timezone=order.settings.timezone,
        start=whole.start,
        provenance=order.provenance,
        units=whole.units,
        licences={
            part: "; ".join(dict.fromkeys(piece.licence for piece in found))
            for part, found in parts.items()
        },
        attribution=list(
            dict.fromkeys(line for piece in pieces.values() for line in piece.attribution)
        ),
        parameters={"sources": sources, "notes": whole.notes},
    )
    with write_city(out, record) as draft:
        whole.write(draft)
        opened = City.open(draft.folder)
        problems = opened.validate()
        if opened.has("traffic"):
            opened.traffic.close()
        if problems:
            raise BadInput(f"The city would be invalid: {' '.join(problems)}")


def _key(part: Part, spec: Spec, order: Order) -> str:
    named = filter(None, map(on_disk, (spec.where, *spec.options.values())))
    read = [content_hash(path) for path in named]
    text = json.dumps([part, str(spec), order.area.bounds, order.settings.timezone, read])
    return f"{part}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _share(progress: Progress, step: Step, number: int, count: int) -> Progress:
    def report(what: str, share: float) -> None:
        progress(f"{step.part}: {what}", (number + share) / count)

    return report


def _mark(
    work: Path,
    order: Order,
    planned: list[Step],
    failed: dict[str, str],
    problems: Sequence[str] = (),
) -> None:
    """Write the list of fetched and of missing parts to the folder."""
    state: dict[str, Any] = {
        "city": order.name,
        "incomplete": "Not a city yet: the same command resumes it.",
        "there": [step.key for step in planned if step.key not in failed],
        "missing": [
            {"part": step.part, "source": _public(step.spec), "why": failed[step.key]}
            for step in planned
            if step.key in failed
        ],
        "problems": list(problems),
    }
    with atomic_file(work / UNFINISHED) as draft:
        draft.write_text(json.dumps(state, indent=2, ensure_ascii=False) + "\n")


def _incomplete_message(
    order: Order, planned: list[Step], failed: dict[str, str], work: Path
) -> str:
    why = " ".join(
        f"The {step.part} from {step.spec.kind} could not be fetched: {failed[step.key]}"
        for step in planned
        if step.key in failed
    )
    return (
        f"The city '{order.name}' is incomplete. {why} The fetched parts are kept in '{work}'; the "
        "same command resumes it."
    )


def _public(spec: Spec) -> str:
    """Name of a source without the folders of this machine and without keys in an address."""
    if "//" in spec.where:
        return f"{spec.kind}:{spec.where.partition('?')[0]}"
    return f"{spec.kind}:{Path(spec.where).name}"


@contextmanager
def _alone(work: Path) -> Iterator[None]:
    """Hold the working folder; an existing folder of another kind is refused."""
    busy = f"Another process is building in '{work}'; wait until it ends."
    with hold_target(work, busy):
        claim_folder(work, WORK)
        yield
