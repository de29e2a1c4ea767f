"""The weights folder of a SatViT: writing and reading."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspatial.bundled_weights import bundled
from netspatial.context.encoders.satvit_network import SatVit, SatVitConfig
from netspatial.weights import arrays, built, load_weights, save_weights

KIND = "satvit"
BUNDLED = bundled("encoders", "satvit")


@dataclass(frozen=True)
class _Settings:
    """The config of the folder."""

    network: SatVitConfig
    training: dict[str, Any]


def write_satvit(folder: Path, network: SatVit, training: dict[str, object], card: str) -> str:
    """Write a network, facts of its training (JSON-able) and its card; return its fingerprint."""
    described = {"network": asdict(network.config), "training": training}
    return save_weights(folder, KIND, arrays(network), described, card)


def read_satvit(folder: Path) -> tuple[SatVit, str]:
    """Read a network and its fingerprint; refuse weights of another hash, kind or shape."""
    weights = load_weights(folder, KIND)
    settings = weights.settings(_Settings)
    network = built(lambda: SatVit(settings.network), weights.tensors, f"'{folder}'")
    return network, weights.fingerprint
