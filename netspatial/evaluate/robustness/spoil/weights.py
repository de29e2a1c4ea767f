"""Weights whose hash fits their config, spoilt inside: as an attacker or bad training writes."""

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load, save

from netspatial.evaluate.robustness.spoil.contract import Chance, Spoil, one_of

Tensors = dict[str, NDArray[Any]]


def _signed(path: Path, payload: bytes) -> None:
    """Write the weights and have their config name them."""
    path.write_bytes(payload)
    described = path.with_name("config.json")
    config = json.loads(described.read_bytes())
    config["weights_sha256"] = hashlib.sha256(payload).hexdigest()
    described.write_text(json.dumps(config))


def _tensors(change: Callable[[Tensors, str, Chance], None]) -> Callable[[Path, Chance], None]:
    def work(path: Path, chance: Chance) -> None:
        tensors = load(path.read_bytes())
        change(tensors, str(one_of(chance, tuple(sorted(tensors)))), chance)
        _signed(path, save(tensors))

    return work


def _not_finite(tensors: Tensors, name: str, chance: Chance) -> None:
    floats = sorted(key for key, value in tensors.items() if value.dtype.kind == "f" and value.size)
    chosen = floats[int(chance.integers(len(floats)))]
    value = np.array(tensors[chosen])
    value.reshape(-1)[int(chance.integers(value.size))] = float(chance.choice([np.nan, np.inf]))
    tensors[chosen] = value
    del name


def _shape(tensors: Tensors, name: str, chance: Chance) -> None:
    kept = tensors[name]
    tensors[name] = (kept.reshape(-1)[:-1], np.zeros((*kept.shape, 1), kept.dtype))[
        int(chance.integers(2))
    ]


def _kind(tensors: Tensors, name: str, chance: Chance) -> None:
    kind = str(one_of(chance, ("int64", "uint8", "bool")))
    tensors[name] = tensors[name].astype(kind)


def _gone(tensors: Tensors, name: str, chance: Chance) -> None:
    del tensors[name], chance


def _more(tensors: Tensors, name: str, chance: Chance) -> None:
    del chance
    tensors[f"{name}.x"] = tensors[name]


def _header(path: Path, chance: Chance) -> None:
    """Change what the file says of its tensors, such as a kind of number that numpy lacks."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    names = sorted(name for name in header if name != "__metadata__")
    metadata = header[names[int(chance.integers(len(names)))]]
    field, values = (
        ("dtype", ("BF16", "F8_E4M3", "C64", "X", 5)),
        ("shape", ([], [-1], [2**62, 4], "x", [0])),
        ("data_offsets", ([0, 0], [5, 1], [0, 2**62], "x", [])),
    )[int(chance.integers(3))]
    metadata[field] = one_of(chance, values)
    text = json.dumps(header).encode()
    _signed(path, struct.pack("<Q", len(text)) + text + content[8 + size :])


def _bfloat(path: Path, chance: Chance) -> None:
    """Tell of one tensor that its numbers are bfloat16, of which twice as many fit."""
    content = path.read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    names = sorted(key for key, metadata in header.items() if metadata.get("dtype") == "F32")
    metadata = header[names[int(chance.integers(len(names)))]]
    metadata["dtype"], metadata["shape"] = "BF16", [*metadata["shape"], 2]
    text = json.dumps(header).encode()
    _signed(path, struct.pack("<Q", len(text)) + text + content[8 + size :])


WEIGHTS = (
    Spoil("a number that is not finite", _tensors(_not_finite), refused=True),
    Spoil("a tensor of another shape", _tensors(_shape), refused=True),
    Spoil("a tensor of another kind", _tensors(_kind), refused=True),
    Spoil("a tensor gone", _tensors(_gone), refused=True),
    Spoil("a tensor more", _tensors(_more), refused=True),
    Spoil("another header", _header, refused=True),
    Spoil("a tensor of bfloat16", _bfloat, refused=True),
)
