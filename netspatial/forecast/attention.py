"""Attention of the forecasting networks, full and ProbSparse (Eq. 12), and layers built on it.

ProbSparse computes full attention only for the queries that prefer some keys over others, estimated
on a sample of keys. The sample comes from a seeded generator and depends only on the lengths, so
that the same input always gives the same output.
"""

import math

import torch
from torch import Tensor, nn

FACTOR = 5
"""Keys sampled and queries kept, in multiples of the logarithm of the length; c in Eq. 12."""
SAMPLE_SEED = 12


def prob_sparse_attention(
    q: Tensor, k: Tensor, v: Tensor, *, masked: bool = False, factor: int = FACTOR
) -> Tensor:
    """ProbSparse attention, (B, h, L_Q, e) from q of that shape and k, v (B, h, L_K, e).

    Each query is scored on U = min(L_K, factor ceil ln L_K) sampled keys by
    max q.k - sum q.k / L_K; the u = min(L_Q, factor ceil ln L_Q) best get full attention, the
    others the mean of v, or where `masked` the sum of v so far. Where U = L_K and u = L_Q, which
    holds up to 20 steps, this is full attention.
    """
    L_Q, L_K = q.shape[2], k.shape[2]
    U, u = (min(length, factor * math.ceil(math.log(length + 1e-9))) for length in (L_K, L_Q))
    U, u = max(U, 1), max(u, 1)
    if u >= L_Q:
        return nn.functional.scaled_dot_product_attention(q, k, v, is_causal=masked)
    if U < L_K:
        sampled = k[:, :, sample_keys(L_Q, L_K, U)]  # (B, h, L_Q, U, e)
        likeness = torch.einsum("bhqe,bhque->bhqu", q, sampled)
    else:
        likeness = q @ k.transpose(-1, -2)
    measure = likeness.amax(dim=-1) - likeness.sum(dim=-1) / L_K
    top = measure.topk(u, dim=-1).indices  # (B, h, u)
    chosen = q.gather(2, top[..., None].expand(*top.shape, q.shape[-1]))
    scores = chosen @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if masked:
        later = torch.arange(L_K, device=q.device) > top[..., None]
        scores = scores.masked_fill(later, -math.inf)
    attended = scores.softmax(dim=-1) @ v
    idle = v.cumsum(dim=2) if masked else v.mean(dim=2, keepdim=True).expand(*q.shape)
    return idle.scatter(2, top[..., None].expand_as(attended), attended)


def sample_keys(L_Q: int, L_K: int, U: int) -> Tensor:
    """Indices (L_Q, U) of the keys on which each query is scored; fixed for given lengths."""
    generator = torch.Generator().manual_seed(SAMPLE_SEED)
    return torch.randint(L_K, (L_Q, U), generator=generator)


class Attention(nn.Module):
    """Multi-head attention of (B, L_Q, d) on (B, L_K, d)."""

    def __init__(self, d: int, heads: int, *, sparse: bool = False, masked: bool = False) -> None:
        super().__init__()
        self.heads, self.sparse, self.masked = heads, sparse, masked
        self.q, self.kv, self.out = nn.Linear(d, d), nn.Linear(d, 2 * d), nn.Linear(d, d)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """Attend from x to memory."""
        q = self._split(self.q(x))
        k, v = (self._split(part) for part in self.kv(memory).chunk(2, dim=-1))
        if self.sparse:
            mixed = prob_sparse_attention(q, k, v, masked=self.masked)
        else:
            mixed = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.masked)
        joined: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return joined

    def _split(self, x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Interaction(nn.Module):
    """Self-attention with residual and norm."""

    def __init__(self, d: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend, self.norm = Attention(d, heads), nn.LayerNorm(d)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) to (B, L, d)."""
        mixed: Tensor = self.norm(x + self.dropout(self.attend(x, x)))
        return mixed


class EncoderLayer(nn.Module):
    """Self-attention and a feed-forward layer, each with residual and norm."""

    def __init__(self, d: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attend = Interaction(d, heads, dropout)
        self.feed, self.norm = feed_forward(d, dropout), nn.LayerNorm(d)

    def forward(self, x: Tensor) -> Tensor:
        """(B, L, d) to (B, L, d)."""
        x = self.attend(x)
        passed: Tensor = self.norm(x + self.feed(x))
        return passed


class DecoderLayer(nn.Module):
    """Masked self-attention, ProbSparse attention to the encoder output, a feed-forward layer."""

    def __init__(self, d: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.own = Attention(d, heads, masked=True)
        self.cross = Attention(d, heads, sparse=True)
        self.feed = feed_forward(d, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(d) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        """(B, H, d) and (B, L, d) to (B, H, d)."""
        x = self.norms[0](x + self.dropout(self.own(x, x)))
        x = self.norms[1](x + self.dropout(self.cross(x, memory)))
        passed: Tensor = self.norms[2](x + self.feed(x))
        return passed


def feed_forward(d: int, dropout: float) -> nn.Sequential:
    """Two linear layers with a hidden width of 2 d."""
    return nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d), nn.Dropout(dropout))
