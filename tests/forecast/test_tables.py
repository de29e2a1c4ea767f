"""Long tables: import, export and errors."""

import numpy as np
import pandas as pd
import pytest

from netspatial.errors import BadInput
from netspatial.evaluate.robustness.spoil import spoil
from netspatial.forecast import tables
from netspatial.forecast.history import read_history
from netspatial.forecast.panel import Panel
from netspatial.forecast.tables import from_table, read_table, to_table, write_table
from netspatial.randomness import stream


@pytest.fixture
def table(panel: Panel) -> pd.DataFrame:
    """The synthetic history, one row per place, time and task."""
    n, T, K = panel.values.shape
    return pd.DataFrame(
        {
            "place": np.repeat(panel.ids, T * K),
            "time": np.tile(np.repeat(panel.times, K), n),
            "task": np.tile(panel.tasks, n * T),
            "value": panel.values.ravel(),
            "unit": np.tile(panel.units, n * T),
        }
    )


def test_a_table_in_any_order_gives_the_history(table: pd.DataFrame, panel: Panel):
    read = from_table(table.sample(frac=1, random_state=0), asked=panel.tasks)
    order = [read.ids.index(name) for name in panel.ids]
    np.testing.assert_array_equal(read.values[order], panel.values)
    assert (read.tasks, read.units) == (panel.tasks, panel.units)
    assert read.times.equals(panel.times)


def test_times_with_any_offset_are_converted_to_utc(table: pd.DataFrame):
    moved = table.assign(time=table["time"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))
    np.testing.assert_array_equal(from_table(moved).times, from_table(table).times)


def test_gaps_are_missing_and_not_zero(table: pd.DataFrame):
    gone = (table["place"] == "r0c1") & (table["task"] == "data") & (table.index % 3 == 0)
    read = from_table(table[~gone])
    assert np.isnan(read.values).sum() == gone.sum()
    assert np.isnan(read.values[read.ids.index("r0c1"), :, read.tasks.index("data")]).any()


def test_positions_define_neighbours(table: pd.DataFrame):
    assert ((from_table(table).around >= 0).sum(axis=(1, 2)) == 1).all()
    number = table["place"].factorize()[0]
    placed = from_table(table.assign(x=100.0 * number, y=0.0), side=3)
    assert ((placed.around >= 0).sum(axis=(1, 2)) == 9).all()
    with pytest.raises(BadInput, match="has several positions"):
        from_table(table.assign(x=np.arange(len(table)), y=0.0))


def test_forecasts_are_exported_with_place_time_task_unit_and_quantiles(panel: Panel):
    quantiles = np.arange(11 * 3 * 2 * 2).reshape(22, 3, 2)
    past = read_history(panel, 2)
    out = to_table(past.label(quantiles, "quantile", (0.1, 0.5, 0.9), "counting"))
    assert len(out) == 11 * 2 * 2
    row = out[(out["place"] == panel.ids[3]) & (out["task"] == "data")].iloc[1]
    assert row["time"] == panel.times[-1].tz_localize("UTC") + pd.Timedelta(hours=2)
    assert row["unit"] == "GB/h"
    assert [row["q0.1"], row["forecast"], row["q0.9"]] == quantiles[2 * 3 + 1, :, 1].tolist()


@pytest.mark.parametrize("name", ["history.parquet", "history.csv"])
def test_files_are_read_as_written(table: pd.DataFrame, tmp_path, name):
    write_table(table, tmp_path / name)
    read = from_table(read_table(tmp_path / name))
    np.testing.assert_allclose(read.values, from_table(table).values, rtol=1e-6)


def _twice(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.iloc[[7]]])


def _other_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Data by the half hour, calls by the hour."""
    late = table[table["task"] == "data"]
    late = late.assign(time=late["time"] + pd.Timedelta(minutes=30))
    return pd.concat([table, late])


def _shifted_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Data at half past, calls at the full hour."""
    data = table["task"] == "data"
    return table.assign(time=table["time"] + pd.to_timedelta(30 * data, unit="min"))


def _off_step(table: pd.DataFrame) -> pd.DataFrame:
    odd = table.iloc[[0]].assign(time=pd.Timestamp("2024-01-01 00:25"), place="r2c2")
    return pd.concat([table, odd])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda t: t.drop(columns="task"), "no column 'task'; it needs place, time, task, value"),
        (lambda t: t.iloc[:0], "has no rows"),
        (_twice, "'data' of place 'r0c0' at 2024-01-01 03:00:00 more than once"),
        (_other_grid, "'call' has a value every 1 h .* and 'data' every 30 min"),
        (_shifted_grid, "'call' has a value every 1 h .* and 'data' every 1 h from .* 00:30:00"),
        (_off_step, "are not at regular steps"),
        (lambda t: t.assign(time="soon"), "a value that is not a time"),
        (lambda t: t.assign(time=t["time"].where(t.index != 4)), "Row 4 of the table has no time"),
        (lambda t: t.assign(value="many"), "a value that is not a number"),
        (lambda t: t[t["time"] == t["time"].iloc[0]], "has a single time"),
        (lambda t: t.assign(time=10**400), "a value that is not a time"),
        (lambda t: t.assign(value=object()), "a value that is not a number"),
        (lambda t: t.assign(x="here", y=0.0), "'x' and 'y' hold a value that is not a number"),
        (lambda t: t.assign(x=np.inf, y=0.0), "'x' and 'y' is infinite"),
    ],
)
def test_an_invalid_table_is_an_error(table: pd.DataFrame, change, problem):
    with pytest.raises(BadInput, match=problem):
        from_table(change(table))


@pytest.mark.parametrize(("most", "problem"), [(10_000, "steps of 11 places"), (100, "too many")])
def test_an_outlying_time_does_not_fill_the_memory(table, most: int, problem: str, monkeypatch):
    far = pd.concat([table, table.iloc[[-1]].assign(time=pd.Timestamp("2025-01-01"))])
    monkeypatch.setattr(tables, "MAX_VALUES", most)
    with pytest.raises(BadInput, match=problem):
        from_table(far)


def test_an_error_on_a_missing_task_names_the_present_ones(table: pd.DataFrame):
    with pytest.raises(BadInput, match="no task 'sms'; it has call, data"):
        from_table(table, asked=("call", "sms"))


def test_an_invalid_or_missing_file_is_refused(tmp_path):
    (tmp_path / "broken.parquet").write_text("no parquet")
    with pytest.raises(BadInput, match="can be read"):
        read_table(tmp_path / "broken.parquet")
    with pytest.raises(BadInput, match="There is no file"):
        read_table(tmp_path / "absent.csv")


@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz", "table.parquet"])
@pytest.mark.parametrize("number", range(12))
def test_a_corrupted_file_is_a_history_or_an_error(table, name: str, number: int, tmp_path):
    path = tmp_path / name
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)
    spoil(path, stream(number, "table"))
    try:
        read = from_table(read_table(path))
    except BadInput as refused:
        assert str(refused).endswith(".")  # noqa: PT017  both are right
    else:
        assert not np.isinf(read.values).any()
