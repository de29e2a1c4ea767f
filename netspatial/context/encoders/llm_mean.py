"""`llm`: a frozen causal language model, averaged over the tokens of a layer at 70 % of its depth.

The first token is left out: causal models park attention there, and its huge norm would drown
the words. Late layers turn to predicting the next word; 60 to 80 % of the depth says most.
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
    """Average states (n, t, D) over all tokens but the first; a single token stands for itself."""
    return states[:, 1:].mean(dim=1) if states.shape[1] > 1 else states[:, 0]
