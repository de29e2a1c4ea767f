"""Hostile uploads, read as the app reads them: each has to be refused at a bounded cost."""

import json
import pkgutil
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

from netspatial.city.city import City
from netspatial.errors import NetSpatialError
from netspatial.evaluate.robustness.attempt import Attempt, CallLimits, call_function
from netspatial.evaluate.robustness.hostile import AREA, HOSTILE, MARK
from netspatial.evaluate.robustness.material import NotGood
from netspatial.evaluate.robustness.report import Failure, Uploads
from netspatial.evaluate.robustness.spoil import spoil
from netspatial.randomness import stream

SPOILT = (
    (AREA, "area.geojson"),
    (AREA, "area.parquet"),
    (AREA, "area.kml"),
    (AREA, "area.zip"),
    ("pois/file", "pois.csv"),
    ("pois/file", "pois.csv.gz"),
    ("pois/file", "pois.gpkg"),
    ("pois/file", "pois.zip"),
    ("pois/osm", "extract.osm"),
    ("stations/file", "stations.geojson"),
    ("landuse/file", "use.parquet"),
    ("imagery/geotiff", "image.tif"),
)
"""Purpose and name of the good files that are uploaded spoilt, in turn."""
THE_SERVERS = "secret.csv"
MAX_S, MAX_MB = 20.0, 1000.0
"""What one upload may cost; memory of whatever process holds most."""
MAKING = CallLimits(cpu_s=600, memory_mb=8000, wall_s=1200)


@dataclass(frozen=True)
class UploadCase:
    """One upload: what it is meant as, the name of its file, and its number among its kind.

    hostile : whether it must be refused; of a file with flipped bits some are good
    """

    name: str
    purpose: str
    file: str
    number: int
    hostile: bool


def uploads(count: int) -> list[UploadCase]:
    """Return the hostile files, then spoilt ones, `count` in all."""
    made = [
        UploadCase(f"upload/{name}", purpose, file, number, hostile=True)
        for number, (name, purpose, file, _) in enumerate(HOSTILE)
    ][:count]
    rest = range(count - len(made))
    spoilt = [(number, *SPOILT[number % len(SPOILT)]) for number in rest]
    return made + [
        UploadCase(f"upload/{file}/{number}", purpose, file, number, hostile=False)
        for number, purpose, file in spoilt
    ]


def make(upload: UploadCase, seed: int, material: Path, folder: Path) -> None:
    """Write what is uploaded to `folder`/content, beside a file that it may lead to."""
    theirs = folder / THE_SERVERS
    theirs.write_text(f"name,category,lon,lat\n{MARK},{MARK},9.19,45.46\n")
    target = folder / "content"
    if upload.hostile:
        target.write_bytes(HOSTILE[upload.number][3](theirs))
        return
    room = folder / "spoilt"
    room.mkdir()
    path = room / upload.file
    shutil.copyfile(material / upload.file, path)
    spoil(path, stream(seed, "robustness", upload.name))
    target.write_bytes(path.read_bytes() if path.is_file() else b"")


def read(upload: UploadCase, folder: Path, bounds: str) -> None:
    """Read an upload as the app does; print what came of it as JSON.

    bounds : of the good files' city, degrees
    """
    content = (folder / "content").read_bytes()
    try:
        if upload.purpose == AREA:
            area = pkgutil.resolve_name("netspatial.ui.plan.area_upload:area_of_upload")
            metadata = json.dumps(area(upload.file, content).to_geojson())
        else:
            metadata = _city(upload, content, folder, bounds)
        print(json.dumps({"read": True, "led": MARK in metadata}))  # noqa: T201
    except NetSpatialError as error:
        print(json.dumps({"read": False, "why": str(error), "led": MARK in str(error)}))  # noqa: T201


def _city(upload: UploadCase, content: bytes, folder: Path, bounds: str) -> str:
    """Add a city of the upload alone, or of it and what it cannot be without; return its text."""
    room = "netspatial.ui.cities.upload"
    add_city, file, given = (
        pkgutil.resolve_name(f"{room}:{name}") for name in ("add_city", "Upload", "Given")
    )
    part, kind = upload.purpose.split("/")
    parts = {part: given(kind, (file(upload.file, content),))}
    if part == "traffic":
        stations = b"station_id,lon,lat\na,9.19,45.46\n"
        parts["stations"] = given("file", (file("s.csv", stations),))
    bounds = "" if part == "imagery" else "9.1,45.4,9.3,45.5" if upload.hostile else bounds
    city = add_city(folder / "cities", "Town", "UTC", parts, bounds=bounds, unit="MB")
    tables = [city.pois] if city.has("pois") else []
    return json.dumps(city.record.model_dump(mode="json")) + "".join(
        table.to_csv() for table in tables
    )


@dataclass(frozen=True)
class Uploader:
    """Where uploads are tried: what starts processes, the good files, a folder for the work."""

    context: ForkServerContext
    material: Path
    work: Path
    seed: int

    def _bounds(self) -> str:
        return ",".join(map(str, City.open(self.material / "city").record.bounds))

    def attempt(self, number: int, upload: UploadCase) -> tuple[bool, Attempt, list[Failure]]:
        """Try one upload; return whether it was refused, what it cost, and what went wrong."""
        folder = self.work / "uploads" / str(number)
        folder.mkdir(parents=True)
        ready = call_function(
            self.context,
            make,
            (upload, self.seed, self.material, folder),
            folder,
            folder / "preparing",
            MAKING,
        )
        if ready.code != 0:
            raise NotGood(f"'{upload.name}' cannot be made: {ready.err.strip()[-300:]}")
        attempt = call_function(
            self.context,
            read,
            (upload, folder, self._bounds()),
            folder,
            folder / "notes",
            CallLimits(cpu_s=60, memory_mb=6000),
        )
        metadata = json.loads(attempt.out.strip().splitlines()[-1]) if attempt.code == 0 else {}
        left = sorted(path.name for path in (folder / "cities").glob(".*"))
        found = _faults(upload, attempt, metadata, left)
        for path in (folder / "content", folder / THE_SERVERS):
            path.unlink()
        return (
            metadata.get("read") is False,
            attempt,
            [
                Failure(upload.name, upload.purpose, fault, detail, f"upload of {upload.file}")
                for fault, detail in found.items()
            ],
        )


def _faults(
    upload: UploadCase, attempt: Attempt, metadata: dict[str, object], left: list[str]
) -> dict[str, str]:
    lines = attempt.err.strip().splitlines() or [""]
    if attempt.code != 0:
        return {"crash": f"exit code {attempt.code} after {attempt.seconds:.0f} s: {lines[-1]}"}
    found = {}
    if metadata["led"]:
        found["led elsewhere"] = "a file of the server came back"
    elif upload.hostile and metadata["read"]:
        found["wrong_success"] = "it was read"
    if left:
        found["left_behind"] = ", ".join(left[:3])
    if attempt.peak_mb is not None and attempt.peak_mb > MAX_MB:
        found["memory"] = f"{attempt.peak_mb:.0f} MB"
    if attempt.cpu_s is not None and attempt.cpu_s > MAX_S:
        found["time"] = f"{attempt.cpu_s:.0f} s"
    return found


def try_uploads(
    uploader: Uploader, count: int, at_once: int, on_done: Callable[[int], None]
) -> tuple[Uploads, list[Failure]]:
    """Try `count` uploads; call `on_done` with how many are done."""
    counts, failures = Uploads(), []
    with ThreadPoolExecutor(at_once) as pool:
        for refused, attempt, found in pool.map(
            lambda pair: uploader.attempt(*pair), enumerate(uploads(count))
        ):
            counts.tried += 1
            counts.refused += refused
            counts.crashes += any(failure.fault == "crash" for failure in found)
            counts.peak_mb = max(counts.peak_mb, attempt.peak_mb or 0.0)
            failures += found
            on_done(counts.tried)
    return counts, failures
