"""A rule that learns nothing, with the spread of its own errors around it.

The room's contract for `persistence`, `seasonal_naive` and `hour_of_week`: the rule is the median,
and how far truth lay from it on validation windows makes the other quantiles.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from torch import Tensor

from netspatial.context.weights import load_weights, save_weights
from netspatial.errors import BadInput
from netspatial.forecast.forecaster import (
    LEVELS,
    MEDIAN,
    BaseForecaster,
    Floats,
    Progress,
    at_levels,
)
from netspatial.forecast.training import in_order
from netspatial.forecast.windows import Batch, Shape, Windows

KIND = "naive-forecaster"

Rule = Callable[[Batch, int], Tensor]
"""The forecast (B, H, K), normalised, of a batch with so many steps a day."""


@dataclass(eq=False)
class Naive(BaseForecaster):
    """A rule as a forecaster.

    errors : (K, Q) quantiles of truth less rule on validation windows, in the window's scale
    """

    name: str
    rule: Rule
    shape: Shape
    tasks: tuple[str, ...]
    errors: Tensor | None = None

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> Self:
        """Measure how far truth lies from the rule; there is nothing else to learn."""
        del windows, seed, progress
        self.check(validation)
        per_day = validation.panels[0].steps_per_day
        off = [
            (batch.y - self.rule(batch, per_day)).flatten(0, 1)
            for batch in map(validation.batch, in_order(len(validation)))
        ]
        spread = np.nanquantile(torch.cat(off).numpy(), LEVELS, axis=0).T
        # the rule stays the median, so that its mean error is that of the rule
        spread[:, :MEDIAN] = np.minimum(spread[:, :MEDIAN], 0)
        spread[:, MEDIAN + 1 :] = np.maximum(spread[:, MEDIAN + 1 :], 0)
        spread[:, MEDIAN] = 0
        self.errors = torch.from_numpy(spread.astype(np.float32))
        return self

    def predict_quantiles(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Floats:
        """The rule and its errors, (N, H, K, Q) in real units, not negative, rising along Q."""
        if self.errors is None:
            raise BadInput(f"The forecaster '{self.name}' has not been fitted yet.")
        self.check(windows)
        per_day = windows.panels[0].steps_per_day
        parts = []
        for batch in map(windows.batch, in_order(len(windows))):
            around = self.rule(batch, per_day)[..., None] + self.errors
            parts.append(batch.real(around).clamp(min=0))
        return at_levels(torch.cat(parts).numpy(), levels)

    def save(self, folder: Path) -> str:
        """Write the errors; return the fingerprint."""
        if self.errors is None:
            raise BadInput(f"The forecaster '{self.name}' has not been fitted yet.")
        config = {"rule": self.name, "shape": asdict(self.shape), "tasks": list(self.tasks)}
        card = f"# Forecaster `{self.name}`\n\nA rule that learns nothing but its own errors.\n"
        return save_weights(folder, KIND, {"errors": self.errors.numpy()}, config, card)

    @classmethod
    def load(cls, folder: Path, rule: Rule) -> Self:
        """Read what `save` wrote for this rule."""
        saved = load_weights(folder, KIND)
        return cls(
            name=saved.config["rule"],
            rule=rule,
            shape=Shape(**saved.config["shape"]),
            tasks=tuple(saved.config["tasks"]),
            errors=torch.from_numpy(saved.tensors["errors"].copy()),
        )
