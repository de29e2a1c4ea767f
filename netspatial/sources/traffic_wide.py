"""Wide traffic: one row per time, one column per station.

`--traffic wide:traffic.csv#unit=MB`, CSV or Parquet.
"""

import numpy as np

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


def build_wide(spec: Spec, settings: SourceSettings) -> TrafficFile:
    """Make the source `wide:PATH`; `time` gives the time column, `service` the measured service."""
    return build_traffic_file(spec, settings, _service, _add_all)


def _service(file: TrafficFile) -> list[str]:
    return [file.options.get("service", "total")]


def _add_all(file: TrafficFile, grid: HourGrid, clock: Clock, progress: Progress) -> list[str]:
    columns = file.columns()
    time = column_of(columns, file.options.get("time"), TIME)
    if time is None:
        raise BadInput(
            f"there is no column of the time; give one of {', '.join(columns[:20])} with time=."
        )
    names = [name for name in columns if name != time]
    twice = {name for name in names if names.count(name) > 1}
    if twice or not names:
        raise BadInput(
            f"the column '{min(twice)}' occurs twice." if twice else "there is no station column."
        )
    station = grid.codes(names)
    skipped = 0
    for batch in file.batches([time, *names], names, progress):
        stamps, of = distinct(batch.column(0))
        seconds = clock.seconds(stamps, of, (np.zeros_like(of),))
        values = np.empty((len(names), batch.num_rows))
        for row in range(len(names)):
            values[row] = batch.column(row + 1).to_numpy(zero_copy_only=False)
        real, never = real_times(seconds, values)
        if never:
            seconds, values = seconds[real], values[:, real]
        grid.add_table(0, station, seconds, values)
        skipped += never
    return never_note(skipped)
