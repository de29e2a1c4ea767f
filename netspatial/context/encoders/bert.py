"""A minimal BERT for the default text encoder, with published weights.

It gives the same embeddings as sentence-transformers without its long import time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import (
    embedding,
    gelu,
    layer_norm,
    linear,
    scaled_dot_product_attention,
)

POSITIONS = "embeddings.position_ids"
"""A tensor of position numbers in some files; not used."""


@dataclass(frozen=True)
class Bert:
    """The encoder half of a Transformer (Devlin et al. 2019), frozen.

    tensors : by their names in the file
    """

    tensors: Mapping[str, Tensor]
    layers: int
    heads: int
    epsilon: float

    @classmethod
    def read(cls, folder: Path) -> "Bert":
        """Read config.json and model.safetensors."""
        config = json.loads((folder / "config.json").read_bytes())
        tensors = load_file(folder / "model.safetensors")
        tensors.pop(POSITIONS, None)
        return cls(
            tensors,
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["layer_norm_eps"],
        )

    @property
    def dim(self) -> int:
        """Width D of a token."""
        return int(self.tensors["embeddings.word_embeddings.weight"].shape[1])

    def __call__(self, ids: Tensor) -> Tensor:
        """Encode texts (n, t) of one length to tokens (n, t, D)."""
        tensors = self.tensors
        x = embedding(ids, tensors["embeddings.word_embeddings.weight"])
        x = x + tensors["embeddings.token_type_embeddings.weight"][0]
        x = x + tensors["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._normed("embeddings.LayerNorm", x)
        for number in range(self.layers):
            at = f"encoder.layer.{number}"
            attended = self._linear(f"{at}.attention.output.dense", self._attend(at, x))
            x = self._normed(f"{at}.attention.output.LayerNorm", attended + x)
            wide = gelu(self._linear(f"{at}.intermediate.dense", x))
            x = self._normed(f"{at}.output.LayerNorm", self._linear(f"{at}.output.dense", wide) + x)
        return x

    def _attend(self, at: str, x: Tensor) -> Tensor:
        def split(name: str) -> Tensor:
            projected = self._linear(f"{at}.attention.self.{name}", x)
            return projected.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

        attended = scaled_dot_product_attention(split("query"), split("key"), split("value"))
        return attended.transpose(1, 2).flatten(2)

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return linear(x, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"])

    def _normed(self, name: str, x: Tensor) -> Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return layer_norm(x, weight.shape, weight, bias, self.epsilon)
