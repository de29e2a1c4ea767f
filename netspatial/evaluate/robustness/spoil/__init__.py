"""Ways to spoil files, by their endings; one more is one line here."""

from pathlib import Path

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil
from netspatial.evaluate.robustness.spoil.json_text import JSON
from netspatial.evaluate.robustness.spoil.raw import RAW
from netspatial.evaluate.robustness.spoil.series import NETCDF, NPZ
from netspatial.evaluate.robustness.spoil.tables import TABLES
from netspatial.evaluate.robustness.spoil.text import CSV, TEXT
from netspatial.evaluate.robustness.spoil.weights import WEIGHTS

__all__ = ["spoil", "spoils_of"]

SPOILS: dict[str, tuple[Spoil, ...]] = {
    ".json": JSON,
    ".geojson": JSON,
    ".parquet": TABLES,
    ".nc": NETCDF,
    ".npz": NPZ,
    ".safetensors": WEIGHTS,
    ".csv": CSV,
    ".csv.gz": CSV,
    ".txt": CSV,
    ".kml": TEXT,
    ".osm": TEXT,
}


def spoils_of(path: str) -> tuple[Spoil, ...]:
    """Return the ways to spoil a file of this name: those of its kind, then those of any bytes."""
    suffixes = Path(path).suffixes
    ending = ".csv.gz" if suffixes[-2:] == [".csv", ".gz"] else "".join(suffixes[-1:])
    return (*SPOILS.get(ending, ()), *RAW)


def spoil(path: Path, chance: Chance) -> Spoil | None:
    """Spoil a file in a way that can be done to it and changes it; return it, None without one."""
    ways, good = spoils_of(path.name), path.read_bytes()
    for at in chance.permutation(len(ways)):
        way = ways[int(at)]
        if not _changes(way, path, chance, good):
            path.write_bytes(good)
            continue
        return way
    return None


def _changes(way: Spoil, path: Path, chance: Chance, good: bytes) -> bool:
    try:
        way.work(path, chance)
    except Exception:  # noqa: BLE001  what a library does not write is spoilt in another way
        return False
    return not path.is_file() or path.read_bytes() != good
