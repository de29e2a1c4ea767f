import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from netspatial.context.training.eurosat import load_eurosat
from netspatial.errors import BadInput, MissingPart
from netspatial.evaluate.probes import (
    colour_statistics,
    eurosat_accuracy,
    linear_probe,
    stratified_split,
)
from netspatial.randomness import stream


class MeanColour:
    name, dim, gsd_m, licence, fingerprint = "mean colour", 3, 10.0, "MIT", "0"

    def encode(self, images):
        return images.mean((1, 2)).astype(np.float32)


@given(st.lists(st.integers(0, 4), min_size=10, max_size=80), st.integers(0, 50))
def test_a_split_is_disjoint_complete_and_stratified(labels, seed):
    labels = np.array(labels)
    train, test = stratified_split(labels, 0.3, seed)
    assert sorted([*train, *test]) == list(range(len(labels)))
    for label in np.unique(labels):
        assert (labels[test] == label).sum() == round(0.3 * (labels == label).sum())


def test_a_probe_classifies_separable_features_and_not_noise():
    numbers = stream(0, "test", "probe")
    labels = np.arange(300) % 3
    centres = np.eye(3)[labels] * 8
    readable = (centres + numbers.normal(size=(300, 3))).astype(np.float32)
    noise = numbers.normal(size=(300, 3)).astype(np.float32)
    assert min(probe.accuracy for probe in linear_probe(readable, labels)) > 0.97
    assert max(probe.accuracy for probe in linear_probe(noise, labels)) < 0.5


def test_a_probe_is_deterministic():
    numbers = stream(1, "test", "probe")
    features = numbers.normal(size=(60, 4)).astype(np.float32)
    labels = (features[:, 0] > 0).astype(np.int64)
    assert linear_probe(features, labels) == linear_probe(features, labels)


def test_colour_statistics_are_mean_and_deviation():
    images = stream(2, "test").integers(0, 256, (4, 8, 8, 3), dtype=np.uint8)
    found = colour_statistics(images)
    np.testing.assert_allclose(found[:, :3], images.mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(found[:, 3:], images.std((1, 2)), rtol=1e-4)


def test_eurosat_is_read_and_probed(tmp_path):
    path = tmp_path / "patches.parquet"
    write_patches(path)
    patches = load_eurosat(path)
    assert patches.images.shape == (40, 16, 16, 3)
    assert patches.classes == ["Forest", "SeaLake"]
    assert eurosat_accuracy(MeanColour(), patches) == 1.0
    part = patches.part(patches.labels == 1)
    assert part.names == [f"SeaLake_{i}" for i in range(20)]


def test_files_without_patches_are_refused(tmp_path):
    with pytest.raises(MissingPart, match="There are no EuroSAT patches"):
        load_eurosat(tmp_path / "none.parquet")
    pd.DataFrame({"name": ["a"]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(BadInput, match="does not hold EuroSAT patches"):
        load_eurosat(tmp_path / "other.parquet")


def write_patches(path):
    rows = []
    for label, colour in (("Forest", (20, 90, 20)), ("SeaLake", (20, 30, 120))):
        for number in range(20):
            packed = io.BytesIO()
            Image.new("RGB", (16, 16), colour).save(packed, "JPEG")
            name = f"{label}_{number}"
            rows.append({"name": name, "label": label, "jpeg": packed.getvalue()})
    pd.DataFrame(rows).to_parquet(path)
