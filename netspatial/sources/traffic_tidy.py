"""Tidy traffic: one row per station, time and, where there are several, service.

`--traffic tidy:traffic.csv#unit=MB`, CSV or Parquet.
"""

import numpy as np
import pyarrow as pa

from netspatial.errors import BadInput
from netspatial.progress import Progress
from netspatial.sources.clock import Clock
from netspatial.sources.contract import SourceSettings
from netspatial.sources.hours import HourGrid
from netspatial.sources.place_table import column_of
from netspatial.sources.spec import Spec
from netspatial.sources.traffic_file import (
    TIME,
    TrafficFile,
    build_traffic_file,
    distinct,
    never_note,
    real_times,
)

STATION = ("station", "station_id", "site_id", "site", "cell_id", "cell", "id", "bs")
VALUE = ("value", "traffic", "volume", "total", "mb", "bytes")
SERVICE = ("service", "service_name", "app")
ONLY = "total"
"""Name of the service where the file has no column of services."""


def build_tidy(spec: Spec, settings: SourceSettings) -> TrafficFile:
    """Make the source `tidy:PATH`; options station, time, value and service give its columns."""
    return build_traffic_file(spec, settings, _services, _add_all, ("station", "value"))


def _roles(file: TrafficFile) -> dict[str, str | None]:
    columns = file.columns()
    usual = {"station": STATION, "time": TIME, "value": VALUE, "service": SERVICE}
    found = {
        role: column_of(columns, file.options.get(role), names) for role, names in usual.items()
    }
    for role in ("station", "time", "value"):
        if found[role] is None:
            raise BadInput(
                f"'{file.path.name}' has no column of the {role}; give one of "
                f"{', '.join(columns)} with {role}=."
            )
    return found


def _services(file: TrafficFile) -> list[str]:
    """Return the services in the file, from a first pass over its column of services."""
    service = _roles(file)["service"]
    if service is None:
        return [ONLY]
    names: dict[str, None] = {}
    for batch in file.batches([service], [], lambda _what, _share: None):
        names |= dict.fromkeys(distinct(batch.column(0))[0])
    if not names:
        raise BadInput(f"'{file.path.name}' holds no rows.")
    return sorted(names)


def _add_all(file: TrafficFile, grid: HourGrid, clock: Clock, progress: Progress) -> list[str]:
    roles = _roles(file)
    columns = [name for name in roles.values() if name is not None]
    skipped = 0
    for batch in file.batches(columns, [str(roles["value"])], progress):
        skipped += _add(batch, roles, grid, clock)
    return never_note(skipped)


def _add(batch: pa.RecordBatch, roles: dict[str, str | None], grid: HourGrid, clock: Clock) -> int:
    names, which = distinct(batch.column(roles["station"]))
    station = grid.codes(names)[which] if names else which
    service = np.zeros_like(station)
    if roles["service"] is not None:
        services, which = distinct(batch.column(roles["service"]))
        service = np.array([grid.services.index(name) for name in services], dtype=np.int64)[which]
    stamps, of = distinct(batch.column(roles["time"]))
    seconds = clock.seconds(stamps, of, (station, service))
    values = batch.column(roles["value"]).to_numpy(zero_copy_only=False).astype(np.float64)
    real, skipped = real_times(seconds, values)
    for number in np.unique(service):
        rows = real & (service == number)
        grid.add(int(number), station[rows], seconds[rows], values[rows])
    return skipped
