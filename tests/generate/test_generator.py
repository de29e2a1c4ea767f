"""A generator is deterministic per place, labels its output, and refuses unsuitable input."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from netspatial.errors import BadInput, MissingPart, NetSpatialError
from netspatial.generate.generator import Generator
from netspatial.generate.pipelines import make_generator
from netspatial.generate.presets import preset_named
from netspatial.generate.sampling import draw
from tests.generate.made_up_stations import TINY, WIDTH, made_up_places, made_up_stations

START = "2026-03-02"


def history(hours: int = 400, stations: int = 2) -> xr.DataArray:
    x = made_up_stations().x[:stations, :hours]
    times = pd.date_range("2026-03-02", periods=hours, freq="h")
    return xr.DataArray(
        x,
        dims=("station", "time"),
        coords={"station": [f"s{i}" for i in range(stations)], "time": times},
        attrs={"timezone": "UTC"},
    )


@given(st.permutations(range(5)), st.integers(1, 5), st.sampled_from([1, 7, 128]))
@settings(max_examples=8)
def test_traffic_of_a_place_does_not_depend_on_order_other_places_or_batch(
    tiny_generator: Generator, order: list[int], size: int, at_once: int
) -> None:
    places = made_up_places(5)
    whole = tiny_generator.sample(places, samples=3, seed=4)
    chosen = order[:size]
    z, ids = places.embedding[chosen], places.ids[chosen].tolist()
    hours = np.broadcast_to(np.arange(672) % 168, (size, 672))
    blocks = draw(tiny_generator.model, z, hours, ids, 3, 4, at_once=at_once)
    some = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(some, whole[chosen], rtol=1e-4, atol=1e-5)


def test_more_samples_start_with_the_same_samples(tiny_generator: Generator) -> None:
    few, many = (tiny_generator.sample(made_up_places(2), samples=n) for n in (2, 5))
    np.testing.assert_allclose(few, many[:, :2], rtol=1e-4, atol=1e-5)


def test_traffic_depends_on_the_seed_alone(tiny_generator: Generator) -> None:
    first, again, other = (
        tiny_generator.sample(made_up_places(2), samples=2, seed=seed) for seed in (0, 0, 1)
    )
    assert first.identical(again)
    assert not np.allclose(first, other)


@given(st.integers(1, 6), st.integers(0, 23))
@settings(max_examples=8)
def test_any_whole_number_of_weeks_from_any_hour(
    tiny_generator: Generator, weeks: int, hour: int
) -> None:
    traffic = tiny_generator.sample(
        made_up_places(2),
        samples=2,
        weeks=weeks,
        start=f"2026-03-04T{hour:02d}:00",
        timezone="Asia/Shanghai",
    )
    assert traffic.dims == ("cell", "sample", "time")
    assert traffic.sizes["time"] == 168 * weeks
    assert bool((traffic >= 0).all())
    assert bool(np.isfinite(traffic).all())
    first = pd.Timestamp(traffic["time"].to_numpy()[0]).tz_localize("UTC")
    assert first.tz_convert("Asia/Shanghai").hour == hour


def test_generated_traffic_has_its_provenance(tiny_generator: Generator) -> None:
    attrs = tiny_generator.sample(made_up_places(1), samples=1, seed=9).attrs
    assert attrs["provenance"] == "generated"
    assert attrs["trained_on"] == "simulated"
    assert attrs["units"] == "GB/h"
    assert attrs["seed"] == 9
    assert attrs["model_fingerprint"] == tiny_generator.fingerprint
    assert attrs["context_fingerprint"] == tiny_generator.facts.context_fingerprint


def test_progress_is_reported_for_all_cells(tiny_generator: Generator) -> None:
    reports: list[tuple[str, float]] = []
    tiny_generator.sample(made_up_places(70), samples=2, progress=lambda *p: reports.append(p))
    assert reports[-1] == ("70 of 70 cells", 1.0)
    assert [share for _, share in reports] == sorted(share for _, share in reports)


def test_no_places_give_no_traffic(tiny_generator: Generator) -> None:
    assert tiny_generator.sample(made_up_places(0), samples=2).shape == (0, 2, 672)


def test_a_holiday_is_sampled_as_a_sunday(tiny_generator: Generator) -> None:
    days = pd.date_range(START, periods=7)
    plain, holy = (
        tiny_generator.sample(made_up_places(1), samples=1, start=START, holidays=h)
        for h in ((), (days[1].date(),))
    )
    assert not np.allclose(plain[..., 24:48], holy[..., 24:48])


def test_guidance_changes_the_samples(tiny_generator: Generator) -> None:
    plain, guided = (
        tiny_generator.sample(made_up_places(1), samples=1, guidance=w) for w in (1.0, 3.0)
    )
    assert not np.allclose(plain, guided)


@pytest.mark.parametrize("hours", [1, 24, 30, 168])
@pytest.mark.parametrize("past", [168, 400])
def test_a_forecast_starts_at_the_hour_after_the_history(
    tiny_generator: Generator, hours: int, past: int
) -> None:
    known = history(past)
    coming = tiny_generator.forecast(known, made_up_places(2), hours=hours, samples=3)
    assert coming.dims == ("station", "sample", "time")
    assert coming.shape == (2, 3, hours)
    gap = coming["time"].to_numpy()[0] - known["time"].to_numpy()[-1]
    assert gap == np.timedelta64(1, "h")
    assert bool((coming >= 0).all())


def test_a_forecast_follows_the_measured_week(tiny_generator: Generator) -> None:
    known = history(672)
    coming = tiny_generator.forecast(known, made_up_places(2), hours=168, samples=19)
    week = known.to_numpy().reshape(2, 4, 168).mean(1)
    for mean, measured in zip(coming.mean("sample").to_numpy(), week, strict=True):
        assert np.corrcoef(mean, measured)[0, 1] > 0.95


def test_a_forecast_depends_on_recent_residuals_by_default(
    tiny_generator: Generator,
) -> None:
    usual, risen = history(400), history(400)
    risen[:, -12:] *= 3
    drawn = {
        condition: [
            tiny_generator.forecast(
                h, made_up_places(2), samples=3, condition_on_recent_residuals=condition
            )
            / h[:, -168:].mean("time").to_numpy()[:, None, None]
            for h in (usual, risen)
        ]
        for condition in (True, False)
    }
    assert not np.allclose(*drawn[True], rtol=1e-3)


def test_a_forecast_does_not_depend_on_the_other_stations(tiny_generator: Generator) -> None:
    known, places = history(400), made_up_places(2)
    both = tiny_generator.forecast(known, places, samples=3)
    alone = tiny_generator.forecast(known[1:], places.take([1]), samples=3)
    np.testing.assert_allclose(both[1:], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["paper", "no-position", "no-condition"])
@pytest.mark.parametrize("weeks", [1, 2])
def test_every_preset_trains_and_samples(make_model, name: str, weeks: int) -> None:
    sizes = {
        k: getattr(TINY, k)
        for k in (
            "condition_width",
            "vector_width",
            "vector_depth",
            "series_width",
            "series_depth",
            "batch",
            "steps",
        )
    }
    made = make_model(replace(preset_named(name), **sizes), weeks)
    traffic = made.sample(made_up_places(2), samples=2)
    assert bool(np.isfinite(traffic).all())
    assert bool((traffic >= 0).all())


def test_without_condition_every_place_has_the_same_distribution(make_model) -> None:
    made = make_model(replace(TINY, name="blind", use_condition=False), 2)
    places = made_up_places(2)
    same_noise = replace(places, ids=np.array(["a", "a"]))
    traffic = made.sample(same_noise, samples=2)
    np.testing.assert_allclose(traffic[0], traffic[1], rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: replace(c, embedding=c.embedding[:, :4]), r"needs \(n, 6\)"),
        (lambda c: replace(c, fingerprint="other"), "come from encoder other"),
        (lambda c: replace(c, embedding=np.full_like(c.embedding, np.nan)), "NaN"),
    ],
)
def test_unsuitable_embeddings_are_refused(tiny_generator: Generator, change, words) -> None:
    with pytest.raises(BadInput, match=words):
        tiny_generator.sample(change(made_up_places(2)))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"samples": 0}, "0 samples"),
        ({"weeks": 0}, "0 weeks"),
        ({"start": "soon"}, "'soon' is not a local time"),
        ({"start": "2026-01-05T00:30"}, "not a full hour"),
        ({"timezone": "Mars/Base"}, "not an IANA timezone"),
    ],
)
def test_impossible_settings_are_refused(tiny_generator: Generator, options, words) -> None:
    with pytest.raises(BadInput, match=words):
        tiny_generator.sample(made_up_places(1), **options)


def spoiled(at: slice, value: float) -> xr.DataArray:
    known = history(400)
    known[1, at] = value
    return known


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (history(100), "100 hours long"),
        (spoiled(slice(20, 40), np.nan), "'s1' cannot be continued: a gap of more than 6"),
        (spoiled(slice(None), 0), "'s1' cannot be continued: all zero"),
        (spoiled(slice(None), 2), "'s1' cannot be continued: constant"),
        (history(400, stations=1), "1 stations and the context 2"),
        (history(400).isel(time=slice(None, None, 2)), "not hourly"),
        (history(400).drop_attrs(), "names no timezone"),
        (history(400).mean("station"), r"\(station, time\) is needed"),
    ],
)
def test_an_unusable_history_is_refused(
    tiny_generator: Generator, known: xr.DataArray, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        tiny_generator.forecast(known, made_up_places(2))


def test_a_short_gap_in_a_history_is_filled(tiny_generator: Generator) -> None:
    coming = tiny_generator.forecast(spoiled(slice(20, 25), np.nan), made_up_places(2), samples=2)
    assert bool(np.isfinite(coming).all())


def test_a_saved_generator_samples_the_same_when_loaded(
    tiny_generator: Generator, tmp_path: Path
) -> None:
    loaded = tiny_generator.save(tmp_path / "copy", "# A copy")
    assert loaded.fingerprint == tiny_generator.fingerprint
    ours, theirs = (g.sample(made_up_places(2), samples=2) for g in (tiny_generator, loaded))
    assert ours.identical(theirs)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "weights.safetensors").write_bytes(
            (folder / "weights.safetensors").read_bytes()[:-100]
        ),
        lambda folder: (folder / "weights.safetensors").write_bytes(b"\x00" * 64),
        lambda folder: (folder / "weights.safetensors").unlink(),
        lambda folder: (folder / "config.json").write_text("{"),
        lambda folder: _edit(folder, lambda c: c.pop("facts")),
        lambda folder: _edit(folder, lambda c: c["preset"].pop("name")),
        lambda folder: _edit(folder, lambda c: c.update(context_dim=7)),
        lambda folder: _edit(folder, lambda c: c.update(kind="context")),
    ],
)
def test_a_truncated_or_tampered_model_is_refused_in_one_sentence(
    tiny_generator: Generator, tmp_path: Path, spoil
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_generator.source, folder)
    spoil(folder)
    with pytest.raises((BadInput, MissingPart)) as refused:
        Generator.load(folder)
    assert isinstance(refused.value, NetSpatialError)
    assert "\n" not in str(refused.value)


def _edit(folder: Path, change) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def test_the_comparison_with_the_city_is_used_where_it_is_known(tmp_path: Path) -> None:
    data = made_up_stations()
    compared = np.concatenate([data.context, data.context - data.context.mean(0)], axis=1)
    generator = make_generator(
        tmp_path / "m", replace(data, context=compared, relative_dim=WIDTH), TINY, validate_every=12
    )
    alone = made_up_places(3)
    known = replace(alone, relative=alone.embedding - 1.0)
    busier = replace(alone, relative=alone.embedding + 1.0)
    unknown = replace(alone, relative=np.full_like(alone.embedding, np.nan))
    drawn = [generator.sample(c, 2, weeks=1).to_numpy() for c in (alone, unknown, known, busier)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.allclose(drawn[0], drawn[2])
    assert not np.allclose(drawn[2], drawn[3])
    with pytest.raises(BadInput, match="comparison with the city has shape"):
        generator.sample(replace(alone, relative=alone.embedding[:, :2]), 2)


def test_the_scale_depends_on_the_comparison_alone_where_it_is_known(tmp_path: Path) -> None:
    data = made_up_stations()
    compared = np.concatenate([data.context, data.context], axis=1)
    model = make_generator(
        tmp_path / "m", replace(data, context=compared, relative_dim=WIDTH), TINY, validate_every=12
    ).model
    context = torch.from_numpy(compared[:4])
    moved = context.clone()
    moved[:, :WIDTH] += 1.0
    assert torch.equal(model.place(context).scale, model.place(moved).scale)
    assert not torch.equal(model.place(context).daily, model.place(moved).daily)
    lone, elsewhere = context.clone(), moved.clone()
    lone[:, WIDTH:] = elsewhere[:, WIDTH:] = torch.nan
    assert not torch.equal(model.place(lone).scale, model.place(elsewhere).scale)
