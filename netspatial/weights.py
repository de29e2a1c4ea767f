"""A trained model on disk: a folder of weights.safetensors, config.json and card.md.

The one place that reads and writes weights, of every model and of every unfinished training.
Nothing is pickled, and a folder whose weights are not the ones its config names is refused.
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
"""Licences of data that ask for nothing of what was learnt from it."""
MODEL = Mark(CONFIG, OF_THE_FILE)
"""What shows that a folder is a model that NetSpatial wrote."""

Settings = TypeVar("Settings")
Module = TypeVar("Module", bound="torch.nn.Module")


@dataclass(frozen=True)
class Weights:
    """What a weights folder holds. `fingerprint` changes with any tensor or setting."""

    tensors: dict[str, NDArray[Any]]
    config: dict[str, Any]
    fingerprint: str
    source: str = "the weights"

    def settings(self, kind: type[Settings]) -> Settings:
        """Return the config as the dataclass `kind`; nothing missing, unknown or of another type.

        A model's door: what comes out may be built from.
        """
        own = {name: value for name, value in self.config.items() if name not in OF_THE_FILE}
        return as_kind(own, kind, f"The {CONFIG} of {self.source}")


def save_weights(
    folder: Path,
    kind: str,
    tensors: Mapping[str, NDArray[Any]],
    config: Mapping[str, Any],
    card: str,
) -> str:
    """Write a model's folder in one step and return its fingerprint.

    kind   : what the model is, for example "context-fusion"; loading asks for the same
    config : JSON-able settings from which the model is built again
    card   : Markdown for people: what it is, what it learned from, licences, measures
    """
    payload = save({name: np.asarray(array, order="C") for name, array in tensors.items()})
    described = {**config, "kind": kind, "weights_sha256": hashlib.sha256(payload).hexdigest()}
    with atomic_folder(folder, known_by=MODEL) as draft:
        (draft / TENSORS).write_bytes(payload)
        (draft / CONFIG).write_text(json.dumps(described, indent=2, sort_keys=True) + "\n")
        (draft / CARD).write_text(card.rstrip() + "\n")
    return _fingerprint(described)


def licence_of_weights(data: Iterable[str]) -> str:
    """Return the line of a card that names its weights' licence; `data`: licences of its data."""
    bound = sorted(set(data) - FREE)
    limits = f", as far as the data allows it ({in_markdown(', '.join(bound))})" if bound else ""
    return f"Licence of the weights: MIT, as NetSpatial{limits}."


def load_weights(folder: Path, kind: str) -> Weights:
    """Read a model's folder; refuse another kind of model and weights of another hash."""
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
            f"{folder / TENSORS} is not the file that its config.json names (the SHA-256 "
            "differs); copy or train the model again."
        )
    try:
        tensors = load(payload)
    except (SafetensorError, LookupError, TypeError, ValueError) as error:
        # numpy has no bfloat16, and the library says so by many kinds of errors
        raise BadInput(
            f"{folder / TENSORS} is not a safetensors file of numbers that are known here: "
            f"{reason(error)}."
        ) from error
    for name, array in tensors.items():
        if not np.isfinite(array).all():
            raise BadInput(f"The tensor '{name}' of {folder / TENSORS} holds NaN or infinity.")
    return Weights(tensors, config, _fingerprint(config), f"'{folder}'")


def built(make: Callable[[], Module], weights: Mapping[str, NDArray[Any]], source: str) -> Module:
    """Return the network that `make` builds, filled with `weights`.

    It is built without memory first: settings that call for other sizes than the weights have are
    refused before a size from a file is reserved.
    """
    import torch  # noqa: PLC0415 light commands do not need it

    try:
        with torch.device("meta"):
            wanted = make().state_dict()
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise BadInput(
            f"No network can be built by the {CONFIG} of {source}: {reason(error)}."
        ) from error
    _check_alike(wanted, weights, source)
    module = make()
    _load(module, weights)
    return module


def fill(module: "torch.nn.Module", weights: Mapping[str, NDArray[Any]], source: str) -> None:
    """Put `weights` into `module`; say which tensor is missing, unknown or of another shape."""
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
    """Raise unless the weights have the names, shapes and kinds of numbers that are wanted."""
    for name, tensor in wanted.items():
        if name not in weights:
            raise BadInput(f"{source} lacks the tensor '{name}'; it is not of this design.")
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
        raise BadInput(f"{source} has a tensor '{unknown[0]}' that this design does not know.")


def arrays(module: "torch.nn.Module") -> dict[str, NDArray[Any]]:
    """Return a module's tensors as arrays that `save_weights` takes."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in module.state_dict().items()}


def prefixed(part: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of one part of a model, named so that several fit into one file."""
    return {f"{part}/{name}": array for name, array in tensors.items()}


def under(part: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the tensors of one part, by the names that they have in it."""
    prefix = f"{part}/"
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def _fingerprint(config: Mapping[str, Any]) -> str:
    text = json.dumps(config, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
