"""Traffic of any regular step is aggregated to hours, and wrong tables are refused."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netspatial.area import Area
from netspatial.errors import BadInput
from netspatial.progress import silent
from netspatial.sources import open_source
from netspatial.sources.contract import SourceSettings
from netspatial.sources.hours import HourGrid, HourRules

AREA = Area.from_bounds(9.0, 45.0, 9.1, 45.1)
ROME = SourceSettings("Europe/Rome")


def load(path, options="", kind="tidy", settings=ROME):
    _, source = open_source("traffic", f"{kind}:{path}#{options}", settings)
    fetched = source.fetch(AREA, path.parent, silent)
    return fetched.data, fetched.notes


def write(path, text):
    path.write_text(text)
    return path


def tidy(stamps, stations=("a", "b"), value=1.0):
    rows = [f"{name},{stamp},{value}" for stamp in stamps for name in stations]
    return "station,time,value\n" + "\n".join(rows) + "\n"


def day(date, step="h", zone="Europe/Rome"):
    """Every existing step of one local day, written on the local clock without an offset."""
    end = pd.Timestamp(date) + pd.Timedelta(days=1)
    times = pd.date_range(date, end, freq=step, tz=zone, inclusive="left")
    return [f"{time:%Y-%m-%d %H:%M}" for time in times]


@pytest.mark.parametrize(
    ("date", "hours"), [("2024-03-31", 23), ("2024-10-27", 25), ("2024-06-01", 24)]
)
@pytest.mark.parametrize("step", ["h", "30min", "10min"])
def test_days_with_a_dst_change_have_23_or_25_hours(tmp_path, date, hours, step):
    traffic, notes = load(write(tmp_path / "t.csv", tidy(day(date, step))))
    assert dict(traffic.sizes) == {"station": 2, "time": hours}
    begin = pd.Timestamp(date, tz="Europe/Rome").tz_convert("UTC").tz_localize(None)
    assert traffic["time"].to_numpy()[0] == begin.to_datetime64()
    per_hour = {"h": 1, "30min": 2, "10min": 6}[step]
    assert (traffic["total"] == per_hour).all()
    assert any("23 or 25" in note for note in notes) == (hours != 24)


def test_stamps_with_offset_local_utc_and_epoch_agree(tmp_path):
    local = day("2024-10-27", "30min")
    true = pd.date_range(
        "2024-10-27", "2024-10-28", freq="30min", tz="Europe/Rome", inclusive="left"
    )
    plain, _ = load(write(tmp_path / "l.csv", tidy(local)))
    offset, _ = load(write(tmp_path / "o.csv", tidy([time.isoformat() for time in true])))
    utc, _ = load(
        write(
            tmp_path / "u.csv", tidy([f"{time.tz_convert('UTC'):%Y-%m-%dT%H:%M}" for time in true])
        ),
        "clock=UTC",
    )
    epoch, _ = load(write(tmp_path / "e.csv", tidy([int(time.timestamp()) for time in true])))
    for other in (offset, utc, epoch):
        xr.testing.assert_identical(plain, other)


def test_hours_begin_with_the_local_hour_in_a_zone_of_half_hours(tmp_path):
    stamps = [
        f"{time:%Y-%m-%d %H:%M}" for time in pd.date_range("2024-06-01", periods=8, freq="30min")
    ]
    traffic, _ = load(
        write(tmp_path / "t.csv", tidy(stamps)), settings=SourceSettings("Asia/Kolkata")
    )
    assert traffic.sizes["time"] == 4
    assert traffic["time"].to_numpy()[0] == np.datetime64("2024-05-31T18:30")


@settings(max_examples=15)
@given(
    st.lists(st.lists(st.floats(0, 1e6, width=32), min_size=6, max_size=6), min_size=1, max_size=5),
    st.randoms(),
)
def test_hours_do_not_depend_on_the_order_of_rows(tmp_path_factory, hours, shuffle):
    folder = tmp_path_factory.mktemp("t")
    times = pd.date_range("2024-06-01", periods=len(hours) * 6, freq="10min")
    rows = [
        f"s,{time.isoformat()}Z,{value!r}"
        for time, value in zip(times, np.ravel(hours).tolist(), strict=True)
    ]
    shuffle.shuffle(rows)
    path = write(folder / "t.csv", "station,time,value\n" + "\n".join(rows))
    total, _ = load(path)
    mean, _ = load(path, "aggregate=mean")
    expected = np.sum(hours, axis=1)
    np.testing.assert_allclose(total["total"].to_numpy()[0], expected, rtol=1e-6)
    np.testing.assert_allclose(mean["total"].to_numpy()[0], expected / 6, rtol=1e-6)


def test_wide_tidy_parquet_and_zipped_files_give_the_same_traffic(tmp_path):
    stamps = day("2024-06-01")
    values = np.arange(48.0).reshape(24, 2)
    frame = pd.DataFrame({"time": stamps, "a": values[:, 0], "b": values[:, 1]})
    frame.to_csv(tmp_path / "w.csv", index=False)
    frame.assign(time=pd.to_datetime(frame["time"])).to_parquet(tmp_path / "w.parquet")
    long = frame.melt("time", var_name="station", value_name="value")
    long.to_csv(tmp_path / "t.csv.gz", index=False)
    long.to_csv(tmp_path / "semicolon.csv", index=False, sep=";", decimal=",")
    expected, _ = load(tmp_path / "w.csv", kind="wide")
    np.testing.assert_array_equal(expected["total"].to_numpy(), values.T)
    for path, kind, options in [
        ("w.parquet", "wide", ""),
        ("t.csv.gz", "tidy", ""),
        ("semicolon.csv", "tidy", "decimal=,"),
    ]:
        traffic, _ = load(tmp_path / path, options, kind)
        xr.testing.assert_identical(traffic, expected)


@settings(max_examples=25)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 30), st.integers(1, 4)),
        elements=st.floats(0, 1e6, width=32) | st.just(np.nan),
    ),
    st.sampled_from([1, 2, 4, 6]),
    st.randoms(),
)
def test_add_table_agrees_with_add_also_with_missing_values(values, steps, shuffle):
    times = 3600 * 10**5 + np.arange(len(values)) * (3600 // steps)
    order = list(range(len(values)))
    shuffle.shuffle(order)
    rows, table = HourGrid(["total"], "Europe/Rome"), HourGrid(["total"], "Europe/Rome")
    names = [f"s{number}" for number in range(values.shape[1])]
    for number, code in enumerate(rows.codes(names)):
        rows.add(0, np.full(len(values), code), times, values[:, number])
    for half in (order[: len(order) // 2], order[len(order) // 2 :]):
        table.add_table(0, table.codes(names), times[half], values[half].T)
    rules = HourRules(gaps="zero", duplicates="sum")
    if np.isnan(values).all():
        for grid in (rows, table):
            with pytest.raises(BadInput, match="no values"):
                grid.traffic(rules, "MB")
        return
    (ours, notes), (theirs, their_notes) = table.traffic(rules, "MB"), rows.traffic(rules, "MB")
    xr.testing.assert_allclose(ours, theirs, rtol=1e-6)
    assert notes == their_notes


def wide(stamps, *columns):
    """A wide table of stations a, b, ... from the text of each one's cells."""
    names = "abc"[: len(columns)]
    lines = [",".join([stamp, *cells]) for stamp, *cells in zip(stamps, *columns, strict=True)]
    return "\n".join([",".join(["time", *names]), *lines]) + "\n"


def test_wide_days_with_a_dst_change_have_23_or_25_hours(tmp_path):
    stamps = day("2024-10-27", "30min")
    text = wide(stamps, map(str, range(50)))
    traffic, _ = load(write(tmp_path / "w.csv", text), kind="wide")
    assert list(traffic["total"].to_numpy()[0]) == [4 * hour + 1 for hour in range(25)]
    calendar = [f"2024-03-31 {hour:02d}:00" for hour in range(24)]
    text = wide(calendar, ["0" if " 02" in stamp else "1" for stamp in calendar])
    traffic, notes = load(write(tmp_path / "w.csv", text), kind="wide")
    assert traffic.sizes["time"] == 23
    assert any(note.startswith("1 empty rows") for note in notes)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        (("1", "-1"), "'b' has traffic -1; it must be 0 or more"),
        (("1", "inf"), "'b' has traffic inf"),
        (("-inf", "1"), "'a' has traffic -inf"),
        (("1", ""), "1 of 2 hours is missing or incomplete, first station 'b'"),
        (("1", "x"), "cannot be read"),
    ],
)
def test_a_wrong_wide_table_is_refused(tmp_path, cells, sentence):
    text = wide(["2024-06-01T00:00Z"], *[[cell] for cell in cells])
    with pytest.raises(BadInput, match=sentence):
        load(write(tmp_path / "w.csv", text), kind="wide")


def test_services_and_units_are_kept(tmp_path):
    rows = [
        f"a,2024-06-01T00:00Z,{service},{value}" for service, value in [("sms", 2), ("call", 3)]
    ]
    path = write(tmp_path / "t.csv", "station,time,service,value\n" + "\n".join(rows))
    traffic, _ = load(path, "unit=Erlang")
    assert float(traffic["sms"].sum()) == 2
    assert float(traffic["call"].sum()) == 3
    assert traffic["call"].attrs["units"] == "Erlang"


def test_each_rule_for_gaps_is_noted(tmp_path):
    stamps = day("2024-06-01")
    whole = tidy(stamps, ("a",), 4.0)
    path = write(
        tmp_path / "t.csv", whole + tidy(stamps[:10] + stamps[11:], ("b",), 4.0).partition("\n")[2]
    )
    with pytest.raises(BadInput, match=r"1 of 48 hours is missing.*'b'.*gaps=zero"):
        load(path)
    zero, notes = load(path, "gaps=zero")
    assert float(zero["total"].sel(station="b").min()) == 0
    assert "as 0" in notes[0]
    line, notes = load(path, "gaps=interpolate")
    assert (line["total"] == 4).all()
    assert "interpolated" in notes[0]
    long = write(
        tmp_path / "l.csv", whole + tidy(stamps[:5] + stamps[12:], ("b",), 4.0).partition("\n")[2]
    )
    with pytest.raises(BadInput, match=r"More than 6 hours in a row.*'b'.*gaps=drop"):
        load(long, "gaps=interpolate")
    left, notes = load(path, "gaps=drop")
    assert list(left["station"].to_numpy()) == ["a"]
    assert "left out" in notes[0]


def test_half_an_hour_at_the_end_is_cut_off(tmp_path):
    traffic, _ = load(write(tmp_path / "t.csv", tidy(day("2024-06-01", "30min")[:-1])))
    assert traffic.sizes["time"] == 23


HEAD = "station,time,value\n"


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        (HEAD + "a,2024-06-01T00:00Z,1\na,2024-06-01T00:00Z,1\n", "", "duplicates=sum"),
        (HEAD + 'a,2024-06-01T00:00Z,"3,5"\n', "", "decimal="),
        (HEAD + "a,2024-06-01T00:00Z,-1\n", "", "must be 0 or more"),
        (HEAD + "a,2024-06-01T00:00Z,1\na,2024-06-01T01:00,1\n", "", "same way"),
        (HEAD + "a,2024-03-31 02:30,1\n", "", "skips in spring"),
        (HEAD + "a,yesterday,1\n", "", "'yesterday' is not a time stamp"),
        (
            HEAD + "a,2024-06-01T00:00Z,1\na,2024-06-01T00:07Z,1\na,2024-06-01T00:09Z,1\n",
            "",
            "no regular step",
        ),
        (HEAD + "a,2004-06-01T00:00Z,1\na,2024-06-01T00:00Z,1\n", "", "more than five years"),
        (HEAD + ",2024-06-01T00:00Z,1\n", "", "no station"),
        (HEAD, "", "no values"),
        ("", "", "no header"),
        ("cell,when,x\na,2024-06-01T00:00Z,1\n", "", "no column of the time"),
        (HEAD + "a,2024-06-01T00:00Z,1\n", "gaps=guess", "gaps is 'guess'"),
        (HEAD + "a,2024-06-01T00:00Z,1\n", "zone=UTC", "no option 'zone'"),
        (HEAD + "a,2024-06-01T00:00,1\n", "clock=Rome", "not an IANA timezone"),
    ],
)
def test_a_wrong_table_is_refused(tmp_path, text, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        load(write(tmp_path / "t.csv", text), options)


def test_duplicates_are_summed_with_duplicates_sum(tmp_path):
    text = HEAD + "a,2024-06-01T00:00Z,1\na,2024-06-01T00:00Z,2\n"
    traffic, _ = load(write(tmp_path / "t.csv", text), "duplicates=sum")
    assert float(traffic["total"].sum()) == 3


def test_empty_rows_of_an_hour_that_does_not_exist_are_left_out(tmp_path):
    calendar = [f"2024-03-31 {hour:02d}:00" for hour in range(24)]
    rows = [f"a,{stamp},{0 if ' 02' in stamp else 1}" for stamp in calendar]
    traffic, notes = load(write(tmp_path / "t.csv", HEAD + "\n".join(rows)))
    assert traffic.sizes["time"] == 23
    assert any("skips" in note for note in notes)
