"""A trained model on disk: a folder of weights.safetensors, config.json and card.md.

Reads and writes the weights of every model and every checkpoint. Nothing is pickled, and a folder
whose weights do not have the hash in its config is refused.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from netspatial.checked import as_kind, read_json
from netspatial.disk import Mark, atomic_folder, settle
from netspatial.errors import BadInput, MissingPart, reason
from netspatial.plain_text import in_markdown

if TYPE_CHECKING:
    import torch

TENSORS, CONFIG, CARD = "weights.safetensors", "config.json", "card.md"
FILES = (CONFIG, TENSORS, CARD)
OF_THE_FILE = ("kind", "weights_sha256")
"""Members of every config; the others are the model's own settings."""
FREE = {"CC0-1.0"}
"""Licences of data without conditions for models trained on it."""
MODEL = Mark(CONFIG, OF_THE_FILE)
"""Mark of a model folder written by NetSpatial."""

Settings = TypeVar("Settings")
Module = TypeVar("Module", bound="torch.nn.Module")


@dataclass(frozen=True)
class Weights:
    """Content of a weights folder. `fingerprint` changes with any tensor or setting."""

    tensors: dict[str, NDArray[Any]]
    config: dict[str, Any]
    fingerprint: str
    source: str = "the weights"

    def settings(self, kind: type[Settings]) -> Settings:
        """Return the config as the dataclass `kind`; raise for wrong members or types."""
        own = {name: value for name, value in self.config.items() if name not in OF_THE_FILE}
        return as_kind(own, kind, f"The {CONFIG} of {self.source}")


def save_weights(
    folder: Path,
    kind: str,
    tensors: Mapping[str, NDArray[Any]],
    config: Mapping[str, Any],
    card: str,
) -> str:
    """Write a model's folder atomically and return its fingerprint.

    kind   : kind of the model, for example "context-fusion"; loading requires the same
    config : JSON-able settings from which the model is rebuilt
    card   : model card in Markdown: description, training data, licences, metrics
    """
    payload = save({name: np.asarray(array, order="C") for name, array in tensors.items()})
    described = {**config, "kind": kind, "weights_sha256": hashlib.sha256(payload).hexdigest()}
    with atomic_folder(folder, known_by=MODEL) as draft:
        (draft / TENSORS).write_bytes(payload)
        (draft / CONFIG).write_text(json.dumps(described, indent=2, sort_keys=True) + "\n")
        (draft / CARD).write_text(card.rstrip() + "\n")
    return _fingerprint(described)


def licence_of_weights(data: Iterable[str]) -> str:
    """Return the line of a card on the licence of the weights; `data`: licences of its data."""
    bound = sorted(set(data) - FREE)
    limits = f", as far as the data allows it ({in_markdown(', '.join(bound))})" if bound else ""
    return f"Licence of the weights: MIT, as NetSpatial{limits}."


def load_weights(folder: Path, kind: str) -> Weights:
    """Read a model's folder; raise for another kind of model and for weights of another hash."""
    settle(folder)
    for name in (CONFIG, TENSORS):
        if not (folder / name).is_file():
            raise MissingPart(
                f"'{folder}' holds no {kind} model: {name} is missing; give a folder that "
                "NetSpatial wrote."
            )
    config = read_json(folder / CONFIG, dict[str, Any])
    if config.get("kind") != kind:
        found = config.get("kind")
        raise BadInput(f"'{folder}' holds a model of kind '{found}', and '{kind}' is needed.")
    payload = (folder / TENSORS).read_bytes()
    if hashlib.sha256(payload).hexdigest() != config.get("weights_sha256"):
        raise BadInput(
            f"{folder / TENSORS} does not have the SHA-256 in its config.json; copy or train the "
            "model again."
        )
    try:
        tensors = load(payload)
    except (SafetensorError, LookupError, TypeError, ValueError) as error:
        # numpy has no bfloat16, for which the library raises many kinds of errors
        raise BadInput(
            f"{folder / TENSORS} is not a safetensors file of supported number types: "
            f"{reason(error)}."
        ) from error
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise BadInput(f"The tensor '{name}' of {folder / TENSORS} holds NaN or infinity.")
    return Weights(tensors, config, _fingerprint(config), f"'{folder}'")


def built(make: Callable[[], Module], weights: Mapping[str, NDArray[Any]], source: str) -> Module:
    """Return the network that `make` builds, filled with `weights`.

    It is built without memory first: settings with other sizes than the weights are refused before
    memory of a size from a file is allocated.
    """
    import torch  # noqa: PLC0415 light commands do not need it

    try:
        with torch.device("meta"):
            wanted = make().state_dict()
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise BadInput(
            f"No network can be built from the {CONFIG} of {source}: {reason(error)}."
        ) from error
    _check_alike(wanted, weights, source)
    module = make()
    _load(module, weights)
    return module


def fill(module: "torch.nn.Module", weights: Mapping[str, NDArray[Any]], source: str) -> None:
    """Load `weights` into `module`; raise for a missing, unknown or wrongly shaped tensor."""
    _check_alike(module.state_dict(), weights, source)
    _load(module, weights)


def tensor_of(
    weights: Mapping[str, NDArray[Any]], name: str, shape: tuple[int, ...], source: str
) -> "torch.Tensor":
    """Return one tensor of floats that belongs to no network; raise unless it has this shape."""
    import torch  # noqa: PLC0415 light commands do not need it

    given = {name: weights[name]} if name in weights else {}
    _check_alike({name: torch.empty(shape)}, given, source)
    return torch.from_numpy(weights[name].copy())


def _load(module: "torch.nn.Module", weights: Mapping[str, NDArray[Any]]) -> None:
    import torch  # noqa: PLC0415 light commands do not need it

    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})


def _check_alike(
    wanted: "Mapping[str, torch.Tensor]", weights: Mapping[str, NDArray[Any]], source: str
) -> None:
    """Raise unless the weights have the required names, shapes and types."""
    for name, tensor in wanted.items():
        if name not in weights:
            raise BadInput(f"{source} lacks the tensor '{name}' of this network.")
        given, kind = weights[name], str(tensor.dtype).removeprefix("torch.")
        if tuple(given.shape) != tuple(tensor.shape):
            raise BadInput(
                f"The tensor '{name}' of {source} has shape {tuple(given.shape)}, and "
                f"its config calls for {tuple(tensor.shape)}."
            )
        if str(given.dtype) != kind:
            raise BadInput(
                f"The tensor '{name}' of {source} is of {given.dtype}, and {kind} is needed."
            )
    refuse_unknown(weights, wanted, source)


def refuse_unknown(weights: Iterable[str], wanted: Iterable[str], source: str) -> None:
    """Raise where a tensor is named that nothing is made of."""
    unknown = sorted(set(weights) - set(wanted))
    if unknown:
        raise BadInput(f"{source} has a tensor '{unknown[0]}' that this network does not have.")


def arrays(module: "torch.nn.Module") -> dict[str, NDArray[Any]]:
    """Return a module's tensors as arrays, for `save_weights`."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in module.state_dict().items()}


def prefixed(part: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of one part of a model, with the part's name as prefix."""
    return {f"{part}/{name}": array for name, array in tensors.items()}


def under(part: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of one part, without its prefix."""
    prefix = f"{part}/"
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _fingerprint(config: Mapping[str, Any]) -> str:
    text = json.dumps(config, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
