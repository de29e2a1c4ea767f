"""A trained model on disk: a folder of weights.safetensors, config.json and card.md.

Under every room that learns: the fused context keeps its weights so, and so does the generator.
Nothing is pickled, and a folder whose weights are not the ones its config names is refused.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from netspatial.disk import Mark, atomic_folder, settle
from netspatial.errors import BadInput, MissingPart

if TYPE_CHECKING:
    import torch

TENSORS, CONFIG, CARD = "weights.safetensors", "config.json", "card.md"
MODEL = Mark(CONFIG, ("kind", "weights_sha256"))
"""What shows that a folder is a model that NetSpatial wrote."""


@dataclass(frozen=True)
class Weights:
    """What a weights folder holds. `fingerprint` changes with any tensor or setting."""

    tensors: dict[str, NDArray[Any]]
    config: dict[str, Any]
    fingerprint: str


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


def load_weights(folder: Path, kind: str) -> Weights:
    """Read a model's folder; refuse another kind of model and weights of another hash."""
    settle(folder)
    for name in (CONFIG, TENSORS):
        if not (folder / name).is_file():
            raise MissingPart(
                f"'{folder}' holds no {kind} model: {name} is missing; give a folder that "
                "NetSpatial wrote."
            )
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except ValueError as error:
        raise BadInput(f"{folder / CONFIG} is not valid JSON: {error}.") from error
    if not isinstance(config, dict) or config.get("kind") != kind:
        found = config.get("kind") if isinstance(config, dict) else None
        raise BadInput(f"'{folder}' holds a model of kind '{found}', and '{kind}' is needed.")
    payload = (folder / TENSORS).read_bytes()
    if hashlib.sha256(payload).hexdigest() != config.get("weights_sha256"):
        raise BadInput(
            f"{folder / TENSORS} is not the file that its config.json names (the SHA-256 "
            "differs); copy or train the model again."
        )
    try:
        tensors = load(payload)
    except SafetensorError as error:
        raise BadInput(f"{folder / TENSORS} is not a safetensors file: {error}.") from error
    return Weights(tensors, config, _fingerprint(config))


def fill(module: "torch.nn.Module", weights: Mapping[str, NDArray[Any]], source: str) -> None:
    """Put `weights` into `module`; say which tensor is missing, unknown or of another shape."""
    import torch  # noqa: PLC0415 light commands do not need it

    wanted = module.state_dict()
    for name, tensor in wanted.items():
        if name not in weights:
            raise BadInput(f"{source} lacks the tensor '{name}'; it is not of this design.")
        if tuple(weights[name].shape) != tuple(tensor.shape):
            raise BadInput(
                f"The tensor '{name}' of {source} has shape {tuple(weights[name].shape)}, and "
                f"its config calls for {tuple(tensor.shape)}."
            )
    unknown = sorted(set(weights) - set(wanted))
    if unknown:
        raise BadInput(f"{source} has a tensor '{unknown[0]}' that this design does not know.")
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})


def arrays(module: "torch.nn.Module") -> dict[str, NDArray[Any]]:
    """Return a module's tensors as arrays that `save_weights` takes."""
    return {name: tensor.detach().cpu().numpy() for name, tensor in module.state_dict().items()}


def _fingerprint(config: Mapping[str, Any]) -> str:
    text = json.dumps(config, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
