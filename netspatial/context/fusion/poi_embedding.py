"""POI embedding of a place from frozen text embeddings: Eqs. 8 and 9 of the paper."""

import torch
from torch import Tensor, nn


class PoiEmbedding(nn.Module):
    """Fuse each POI's two prompts (Eq. 8), then pool the POIs of a place by attention (Eq. 9)."""

    def __init__(self, text_dim: int, d: int) -> None:
        """Build for text embeddings of width `text_dim` and a context of width `d`."""
        super().__init__()
        self.project = nn.Linear(text_dim, d, bias=False)
        self.score = nn.Linear(2 * d, 2)
        self.attend = nn.Sequential(nn.Linear(d, d // 2), nn.Tanh(), nn.Linear(d // 2, 1))

    def fuse(self, text: Tensor, address: Tensor, surroundings: Tensor) -> Tensor:
        """Return p_i of Eq. 8: [a^A, a^S] = softmax(s([e^A || e^S])), norm(W (a^A e^A + a^S e^S)).

        W is linear and applied before the sum, so that every distinct prompt is projected once.

        text : (m, D) distinct prompts; address, surroundings : (q,) rows of it; returns (q, d)
        """
        projected = self.project(text)
        e_A, e_S = projected[address], projected[surroundings]
        a = torch.softmax(self.score(torch.cat([e_A, e_S], dim=-1)), dim=-1)
        return nn.functional.normalize(a[:, :1] * e_A + a[:, 1:] * e_S, dim=-1)

    def pool(self, p_i: Tensor, nearest: Tensor) -> tuple[Tensor, Tensor]:
        """Return p of Eq. 9: b_i = softmax_i(a(p_i)), p = sum b_i p_i.

        p_i : (q, d); nearest : (n, K) rows of it, -1 for none. Returns p (n, d), zero for a place
        without POIs, and b (n, K).
        """
        absent = nearest < 0
        if not len(p_i):
            return p_i.new_zeros(len(nearest), self.project.out_features), torch.zeros_like(
                nearest, dtype=p_i.dtype
            )
        rows = nearest.clamp(min=0)
        logits = self.attend(p_i).squeeze(-1)[rows].masked_fill(absent, -1e9)
        b = torch.softmax(logits, dim=-1).masked_fill(absent, 0.0)
        return (b.unsqueeze(-1) * p_i[rows]).sum(dim=1), b
