"""Fingerprints of encoders: a hash of weights and preprocessing, which separates cache entries."""

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def fingerprint(preprocessing: Mapping[str, object], weights: Mapping[str, "Tensor"]) -> str:
    """Hash a JSON-able preprocessing and every tensor with its name, shape, type and bytes."""
    import torch  # noqa: PLC0415  encoders without weights do not need it

    digest = hashlib.blake2b(_canonical(preprocessing), digest_size=16)
    for name in sorted(weights):
        tensor = weights[name].detach().cpu().contiguous()
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def fingerprint_of_settings(settings: Mapping[str, object]) -> str:
    """Hash the settings of an encoder that has no weights."""
    return hashlib.blake2b(_canonical(settings), digest_size=16).hexdigest()


def _canonical(settings: Mapping[str, object]) -> bytes:
    return json.dumps(settings, sort_keys=True).encode()
