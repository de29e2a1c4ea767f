"""Weights that do not agree with their config are refused."""

import hashlib
import json
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.evaluate.robustness.spoil.weights import WEIGHTS
from netspatial.randomness import stream
from netspatial.weights import built, load_weights, save_weights

KIND = "a-test"


@dataclass(frozen=True)
class Sizes:
    width: int


def make(folder: Path, width: int = 3, **tensors: np.ndarray) -> Path:
    whole = {"weight": np.ones((2, width), np.float32), "bias": np.zeros(2, np.float32)}
    save_weights(folder, KIND, {**whole, **tensors}, {"width": width}, "# A test")
    return folder


def network(folder: Path) -> torch.nn.Linear:
    weights = load_weights(folder, KIND)
    sizes = weights.settings(Sizes)
    return built(lambda: torch.nn.Linear(sizes.width, 2), weights.tensors, weights.source)


def test_written_weights_are_read(tmp_path: Path) -> None:
    assert torch.equal(network(make(tmp_path / "m")).weight, torch.ones(2, 3))


@pytest.mark.parametrize("spoil", WEIGHTS, ids=lambda spoil: spoil.name)
@pytest.mark.parametrize("number", range(6))
def test_damaged_weights_are_refused(spoil, number: int, tmp_path: Path) -> None:
    folder = make(tmp_path / "m")
    spoil.work(folder / "weights.safetensors", stream(number, spoil.name))
    with pytest.raises(BadInput, match=r"^\S.+\.$"):
        network(folder)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "width: Field required"),
        ({"width": "3"}, "valid integer"),
        ({"width": 3, "more": 1}, "more: Unexpected"),
        ({"width": 10**15}, r"calls for|No network can be built"),
        ({"width": -1}, "No network can be built"),
    ],
)
def test_a_config_of_other_settings_is_refused(config, message: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "m")
    payload = (folder / "weights.safetensors").read_bytes()
    whole = {**config, "kind": KIND, "weights_sha256": hashlib.sha256(payload).hexdigest()}
    (folder / "config.json").write_text(json.dumps(whole))
    with pytest.raises(BadInput, match=message):
        network(folder)


def test_bfloat16_is_refused_by_name(tmp_path: Path) -> None:
    folder = make(tmp_path / "m")
    header = json.dumps({"x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    payload = struct.pack("<Q", len(header)) + header + bytes(2)
    (folder / "weights.safetensors").write_bytes(payload)
    config = {"kind": KIND, "weights_sha256": hashlib.sha256(payload).hexdigest(), "width": 3}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="not a safetensors file of supported number types"):
        load_weights(folder, KIND)
