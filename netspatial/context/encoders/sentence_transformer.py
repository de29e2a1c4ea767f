"""`st`: any sentence-transformers model, with its own pooling.

"st:intfloat/e5-small-v2" comes from the hub, "st:FOLDER" from disk (safetensors only).
"""

from typing import Any

import numpy as np
import torch

from netspatial.arrays import Floats32
from netspatial.context.encoders.batches import equal_length_batches
from netspatial.context.encoders.fingerprint import fingerprint
from netspatial.context.encoders.hub import loading, located

TOKENS_PER_BATCH = 2048
"""Fits into the caches of a processor; larger batches are not faster there."""


class SentenceEncoder:
    """L2-normalised sentence embeddings of a frozen model."""

    def __init__(self, name: str, licence: str, model: Any) -> None:
        self._model = model.eval().requires_grad_(requires_grad=False)
        self.name = name
        self.licence = licence
        self.dim = int(model.get_embedding_dimension())
        settings = {"normalised": True, "max_tokens": model.max_seq_length}
        self.fingerprint = fingerprint(settings, model.state_dict())

    def encode(self, texts: list[str]) -> Floats32:
        """Encode n texts to (n, D)."""
        embedded = np.empty((len(texts), self.dim), dtype=np.float32)
        counted = self._model.tokenizer(texts, truncation=True)["input_ids"] if texts else []
        lengths = [len(tokens) for tokens in counted]
        with torch.inference_mode():
            for batch in equal_length_batches(lengths, TOKENS_PER_BATCH):
                embedded[batch] = self._model.encode(
                    [texts[position] for position in batch],
                    batch_size=len(batch),
                    show_progress_bar=False,
                    normalize_embeddings=True,
                )
        return embedded


def build(argument: str) -> SentenceEncoder:
    """Build from a hub id or a folder that sentence-transformers saved."""
    source = located(argument, "st")
    return SentenceEncoder(f"st:{argument}", "that of the weights you named", opened(source))


def opened(source: str) -> Any:
    """Open a sentence-transformers model on the CPU from a folder or a hub id."""
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  takes seconds to import

    with loading(source):
        return SentenceTransformer(source, device="cpu", model_kwargs={"use_safetensors": True})
