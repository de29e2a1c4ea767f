"""SatViT on disk: the folder that training writes, the encoder reads and the package ships."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from netspatial.bundled_weights import bundled
from netspatial.context.encoders.satvit_network import SatVit, SatVitConfig
from netspatial.weights import arrays, built, load_weights, save_weights

KIND = "satvit"
SHIPPED = bundled("encoders", "satvit")


@dataclass(frozen=True)
class _Settings:
    """What the config of the folder holds."""

    network: SatVitConfig
    training: dict[str, Any]


def write_satvit(folder: Path, network: SatVit, training: dict[str, object], card: str) -> str:
    """Write a network, how it was trained (JSON-able) and its card; return its fingerprint."""
    described = {"network": asdict(network.config), "training": training}
    return save_weights(folder, KIND, arrays(network), described, card)


def read_satvit(folder: Path) -> tuple[SatVit, str]:
    """Read a network and its fingerprint; refuse weights of another hash, kind or shape."""
    weights = load_weights(folder, KIND)
    metadata = weights.settings(_Settings)
    network = built(lambda: SatVit(metadata.network), weights.tensors, f"'{folder}'")
    return network, weights.fingerprint
