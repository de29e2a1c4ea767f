"""SatViT on disk: the folder that training writes, the encoder reads and the package ships."""

from dataclasses import asdict
from pathlib import Path

from netspatial.context.satvit import SatVit, SatVitConfig
from netspatial.context.weights import arrays, fill, load_weights, save_weights
from netspatial.errors import BadInput
from netspatial.shipped import shipped

KIND = "satvit"
SHIPPED = shipped("encoders", "satvit")


def write_satvit(folder: Path, network: SatVit, training: dict[str, object], card: str) -> str:
    """Write a network, how it was trained (JSON-able) and its card; return its fingerprint."""
    described = {"network": asdict(network.config), "training": training}
    return save_weights(folder, KIND, arrays(network), described, card)


def read_satvit(folder: Path) -> tuple[SatVit, str]:
    """Read a network and its fingerprint; refuse weights of another hash, kind or shape."""
    weights = load_weights(folder, KIND)
    try:
        network = SatVit(SatVitConfig(**weights.config["network"]))
    except (KeyError, TypeError) as error:
        raise BadInput(f"The config.json of '{folder}' does not describe a satvit.") from error
    fill(network, weights.tensors, f"'{folder}'")
    return network, weights.fingerprint
