"""A small problem for reweighting methods: half of the simulated labels are wrong."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from netspatial.forecast.bilevel import BilevelProblem
from netspatial.randomness import stream

INPUTS, HIDDEN = 10, 28
SIMULATED, REAL, TEST = 800, 80, 2000


@dataclass(frozen=True)
class Toy:
    problem: BilevelProblem
    clean: np.ndarray
    test: tuple[Tensor, Tensor]
    phi: Tensor

    def error(self, phi: Tensor) -> float:
        x, y = self.test
        return float(((forward(phi, x) - y) ** 2).mean())


def forward(phi: Tensor, x: Tensor) -> Tensor:
    """A network of 337 parameters, as one vector."""
    first, rest = phi[: INPUTS * HIDDEN].view(INPUTS, HIDDEN), phi[INPUTS * HIDDEN :]
    hidden = torch.tanh(x @ first + rest[:HIDDEN])
    return hidden @ rest[HIDDEN : 2 * HIDDEN] + rest[-1]


def make_toy(seed: int) -> Toy:
    random = stream(seed, "toy")
    truth = torch.from_numpy(random.standard_normal(2 * HIDDEN + INPUTS * HIDDEN + 1)).float()
    truth = truth * torch.cat(
        [torch.full((INPUTS * HIDDEN,), 0.5), torch.full((2 * HIDDEN + 1,), 0.4)]
    )

    def examples(count: int) -> tuple[Tensor, Tensor]:
        x = torch.from_numpy(random.standard_normal((count, INPUTS))).float()
        noise = torch.from_numpy(random.standard_normal(count)).float()
        return x, forward(truth, x) + 0.1 * noise

    x, y = examples(SIMULATED)
    clean = random.uniform(size=SIMULATED) < 0.5
    wrong = torch.from_numpy(random.standard_normal(SIMULATED)).float()
    y = torch.where(torch.from_numpy(clean), y, -y + wrong)
    real_x, real_y = examples(REAL)
    return Toy(
        problem=BilevelProblem(
            simulated=lambda phi, rows: (forward(phi, x[rows]) - y[rows]) ** 2,
            real=lambda phi, rows: (forward(phi, real_x[rows]) - real_y[rows]) ** 2,
            real_count=REAL,
            config=np.zeros(SIMULATED, dtype=np.int64),
            parameters=torch.zeros(1, 0),
        ),
        clean=clean,
        test=examples(TEST),
        phi=0.1 * torch.from_numpy(random.standard_normal(len(truth))).float(),
    )
