"""`llm_last`: the last token of the last layer of a frozen causal language model.

For prompts that end in a question about the whole text, such as "... means in one word:".
"""

from torch import Tensor

from netspatial.context.encoders.causal import CausalEncoder, load_causal


def build(argument: str) -> CausalEncoder:
    """Build from a hub id or a folder."""
    model, tokenizer = load_causal(argument, "llm_last")
    return CausalEncoder(f"llm_last:{argument}", model, tokenizer, -1, "last token", last_token)


def last_token(states: Tensor) -> Tensor:
    """Return the last token of states (n, t, D)."""
    return states[:, -1]
