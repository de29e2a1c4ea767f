"""`llm`: mean over the tokens of a frozen causal language model, at 70 % of its depth.

The first token is an attention sink of large norm and is left out. Late layers specialise in
predicting the next token; layers at 60 to 80 % of the depth give the best embeddings.
"""

from torch import Tensor

from netspatial.context.encoders.causal import CausalEncoder, load_causal

DEPTH = 0.7


def build(argument: str) -> CausalEncoder:
    """Build from a hub id or a folder."""
    model, tokenizer = load_causal(argument, "llm")
    layer = max(1, round(DEPTH * model.config.num_hidden_layers))
    return CausalEncoder(
        f"llm:{argument}", model, tokenizer, layer, "mean without first", mean_without_first
    )


def mean_without_first(states: Tensor) -> Tensor:
    """Return the mean of states (n, t, D) over all tokens but the first, or the only token."""
    return states[:, 1:].mean(dim=1) if states.shape[1] > 1 else states[:, 0]
