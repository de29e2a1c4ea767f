"""Hidden states of a frozen causal language model; `llm_mean` and `llm_last` pool them.

Without the language-model head, weights in bfloat16, batch size by the free memory.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netspatial.arrays import Floats32
from netspatial.context.encoders.batches import equal_length_batches
from netspatial.context.encoders.fingerprint import fingerprint
from netspatial.context.encoders.hub import loading, located
from netspatial.errors import BadInput

MAX_TOKENS = 512
MEMORY_SHARE = 0.25
"""Share of the free memory that one batch may fill with activations."""

Pool = Callable[[Tensor], Tensor]
"""Hidden states (n, t, D) of equally long texts, float32, to embeddings (n, D)."""


class CausalEncoder:
    """Pooled hidden states after `layer` blocks of the model."""

    licence = "that of the weights you named"

    def __init__(
        self, name: str, model: Any, tokenizer: Any, layer: int, pooling: str, pool: Pool
    ) -> None:
        self._model = model.eval().requires_grad_(requires_grad=False)
        self._tokenizer = tokenizer
        self._layer = layer
        self._pool = pool
        self.name = name
        self.dim = int(model.config.hidden_size)
        settings = {"layer": layer, "pooling": pooling, "max_tokens": MAX_TOKENS}
        self.fingerprint = fingerprint(settings, model.state_dict())

    def encode(self, texts: list[str]) -> Floats32:
        """Encode n texts to (n, D)."""
        embedded = np.empty((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return embedded
        tokens = self._tokenizer(texts, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        lengths = [len(ids) for ids in tokens]
        if min(lengths) == 0:
            raise BadInput(
                f"The encoder '{self.name}' cannot read an empty text; every text needs a word."
            )
        with torch.inference_mode():
            for batch in equal_length_batches(lengths, self._tokens_per_batch()):
                ids = torch.tensor([tokens[position] for position in batch])
                states = self._model(
                    input_ids=ids, output_hidden_states=True, use_cache=False
                ).hidden_states
                embedded[batch] = self._pool(states[self._layer].float()).numpy()
        return embedded

    def _tokens_per_batch(self) -> int:
        """Return the tokens whose activations fill the memory share, from MAX_TOKENS to 8192."""
        config = self._model.config
        width = max(config.hidden_size, getattr(config, "intermediate_size", config.hidden_size))
        per_token = 2 * (config.num_hidden_layers * config.hidden_size + 8 * width)
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        return int(np.clip(MEMORY_SHARE * free / per_token, MAX_TOKENS, 8192))


def load_causal(argument: str, kind: str) -> tuple[Any, Any]:
    """Return the model without its head, in bfloat16, and its tokenizer.

    argument : a hub id or a folder that save_pretrained wrote (safetensors only)
    kind     : the encoder's name, for errors
    """
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415  takes seconds to import

    source = located(argument, kind)
    with loading(source):
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModel.from_pretrained(source, dtype=torch.bfloat16, use_safetensors=True)
    return model, tokenizer
