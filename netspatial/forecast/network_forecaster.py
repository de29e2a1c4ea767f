"""A forecaster around any network: trained by the one loop, calibrated, saved and loaded.

Ours and the rivals are this class with another `build`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netspatial.arrays import AnyFloats
from netspatial.checked import as_kind
from netspatial.errors import BadInput
from netspatial.forecast.calibration import interval_factors, scale_intervals
from netspatial.forecast.forecaster import LEVELS, Progress, at_levels
from netspatial.forecast.network_spec import Build, NetworkSpec, Option, Settles, Specified
from netspatial.forecast.networks import NETWORKS
from netspatial.forecast.training import TrainConfig, Trained, in_order, train
from netspatial.forecast.window_forecaster import Quantiles, WindowForecaster
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.randomness import key
from netspatial.weights import (
    OF_THE_FILE,
    arrays,
    built,
    licence_of_weights,
    load_weights,
    prefixed,
    refuse_unknown,
    save_weights,
    tensor_of,
    under,
)

KIND = "forecaster"
NETWORK = "network"
"""The network's part of what is saved."""


@dataclass(frozen=True)
class ForecasterSettings:
    """What a forecaster's config.json holds: enough to build its network again."""

    network: str
    shape: WindowSpec
    tasks: tuple[str, ...]
    spec: NetworkSpec
    budget: TrainConfig
    task_weights: str
    calibrated: bool
    learnt_from: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse settings of which one says other sizes than another."""
        said = (self.spec.context_length, self.spec.horizon, self.spec.tasks, self.spec.levels)
        if said != (self.shape.context_length, self.shape.horizon, len(self.tasks), len(LEVELS)):
            raise ValueError("spec has other sizes than shape, tasks or the known quantiles")


@dataclass(eq=False)
class NetworkForecaster(WindowForecaster):
    """A network that forecasts all its tasks at once.

    name         : by which `load` finds `build` again
    options      : of the network, see its `build`
    task_weights : how losses of tasks are combined, a name in LOSS_WEIGHTS
    calibrated   : whether validation windows settle how far the network trusts itself and how wide
                   intervals must be to cover what they promise
    interval_shrinkage     : how far those windows are believed about intervals, see `interval_factors`
    """

    name: str
    build: Build
    shape: WindowSpec
    tasks: tuple[str, ...]
    budget: TrainConfig = field(default_factory=TrainConfig)
    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"
    calibrated: bool = True
    device: str = "cpu"
    spec: NetworkSpec | None = None
    network: nn.Module | None = None
    factors: Tensor | None = None
    trained: Trained | None = None
    learnt_from: tuple[str, ...] = ()
    interval_shrinkage: float = 1.0

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Build the network anew and train it; see `train` for the window weights."""
        self.begin(windows, seed)
        return self.finetune(windows, validation, seed, progress, window_weights)

    def begin(self, windows: Windows, seed: int = 0) -> nn.Module:
        """Build the network for windows of this kind, not trained."""
        self.check(windows)
        panel = windows.panels[0]
        self.spec = NetworkSpec(
            context_length=self.shape.context_length,
            horizon=self.shape.horizon,
            tasks=len(self.tasks),
            side=panel.side,
            steps_per_day=panel.steps_per_day,
            options=dict(self.options),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(key(seed, "forecast", "initial weights") % 2**63)
            self.network = self.build(self.spec).to(self.device)
        self.learnt_from, self.factors = (), None
        return self.network

    def finetune(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress | None = None,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Train the network that is there on, and calibrate it."""
        network = self._ready(windows)
        self.check(validation)
        if isinstance(network, Settles):
            network.correction_scale.fill_(1.0)
        self.trained = train(
            network,
            windows,
            validation,
            self.budget,
            seed=seed,
            task_weights=self.task_weights,
            window_weights=window_weights,
            device=self.device,
            progress=progress,
        )
        kinds = {panel.provenance for panel in windows.panels}
        self.learnt_from = tuple(sorted({*self.learnt_from, *kinds}))
        return self.calibrate(validation)

    def calibrate(self, validation: Windows) -> Self:
        """Settle how far the network trusts itself, and by how much intervals are widened."""
        self.factors = None
        network = self._ready(validation)
        if self.calibrated:
            if isinstance(network, Settles):
                batches = (validation.batch(rows) for rows in in_order(len(validation)))
                network.eval().fit_correction_scale(batch.to(self.device) for batch in batches)
            quantiles = self._normalised(validation)
            y = torch.cat([validation.batch(rows).y for rows in in_order(len(validation))])
            self.factors = interval_factors(quantiles, y, self.interval_shrinkage)
        return self

    def quantiles_of(self, windows: Windows, levels: Sequence[float] = LEVELS) -> Quantiles:
        """Quantiles (N, H, K, Q) in real units, not negative, rising along Q."""
        quantiles = self._normalised(windows)
        if self.factors is not None:
            quantiles = scale_intervals(quantiles, self.factors)
        parts = []
        for rows in in_order(len(windows)):
            batch = windows.batch(rows)
            parts.append(batch.real(quantiles[torch.from_numpy(rows)]).clamp(min=0))
        return at_levels(torch.cat(parts).numpy(), levels)

    def save(self, folder: Path) -> str:
        """Write the trained network; return its fingerprint."""
        tensors, config = self.written()
        return save_weights(folder, KIND, tensors, config, self.card())

    @classmethod
    def load(cls, folder: Path, networks: Mapping[str, Build] | None = None) -> Self:
        """Read a forecaster that `save` wrote.

        networks : builds by name, where it is not one of our own
        """
        saved = load_weights(folder, KIND)
        return cls.read(saved.tensors, saved.config, str(folder), networks)

    def written(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Tensors and config from which `read` makes this forecaster again."""
        if self.network is None or self.spec is None:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
        tensors = prefixed(NETWORK, arrays(self.network))
        if self.factors is not None:
            tensors["factors"] = self.factors.numpy()
        if isinstance(self.network, Settles):
            tensors["trust"] = self.network.correction_scale.cpu().numpy()
        spec = self.network.spec if isinstance(self.network, Specified) else self.spec
        config = {
            "network": self.name,
            "shape": asdict(self.shape),
            "tasks": list(self.tasks),
            "spec": asdict(spec),
            "budget": asdict(self.budget),
            "task_weights": self.task_weights,
            "calibrated": self.calibrated,
            "learnt_from": list(self.learnt_from),
        }
        return tensors, config

    @classmethod
    def read(
        cls,
        tensors: Mapping[str, NDArray[Any]],
        config: Mapping[str, Any],
        source: str,
        networks: Mapping[str, Build] | None = None,
    ) -> Self:
        """Make a forecaster from what `written` gave."""
        networks = NETWORKS if networks is None else networks
        metadata = as_kind(
            {name: value for name, value in config.items() if name not in OF_THE_FILE},
            ForecasterSettings,
            f"The config.json of '{source}'",
        )
        if metadata.network not in networks:
            raise BadInput(
                f"'{source}' holds a network '{metadata.network}'; known are {', '.join(networks)}."
            )
        build = networks[metadata.network]
        own = under(NETWORK, tensors)
        network = built(lambda: build(metadata.spec), own, f"'{source}'").eval()
        made = cls(
            name=metadata.network,
            build=build,
            shape=metadata.shape,
            tasks=metadata.tasks,
            budget=metadata.budget,
            options=metadata.spec.options,
            task_weights=metadata.task_weights,
            calibrated=metadata.calibrated,
            spec=metadata.spec,
            network=network,
            learnt_from=metadata.learnt_from,
        )
        loose = ("factors", "trust") if isinstance(network, Settles) else ("factors",)
        refuse_unknown(tensors, (*prefixed(NETWORK, own), *loose), f"'{source}'")
        tasks = len(metadata.tasks)
        if "factors" in tensors:
            made.factors = tensor_of(tensors, "factors", (tasks, metadata.spec.levels), source)
        if isinstance(network, Settles):
            network.correction_scale.copy_(tensor_of(tensors, "trust", (tasks,), source))
        return made

    def afresh(self, budget: TrainConfig) -> "NetworkForecaster":
        """A plain forecaster with these settings that has learnt nothing, to be trained so."""
        return NetworkForecaster(
            self.name,
            self.build,
            self.shape,
            self.tasks,
            budget,
            self.options,
            self.task_weights,
            calibrated=self.calibrated,
            device=self.device,
        )

    def take_over(self, other: "NetworkForecaster") -> None:
        """Go on as another forecaster with the same settings that has learnt."""
        self.spec, self.network, self.factors = other.spec, other.network, other.factors
        self.trained, self.learnt_from = other.trained, other.learnt_from

    def card(self) -> str:
        """Markdown for people: what it is and what it learnt from."""
        if self.network is None:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
        size = sum(parameter.numel() for parameter in self.network.parameters())
        kept = f"{self.trained.kept} steps" if self.trained else "not stated"
        licences = () if self.learnt_from == ("simulated",) else ("that of its history",)
        lines = [
            f"# Forecaster `{self.name}`",
            "",
            f"Forecasts {', '.join(self.tasks)} as quantiles.",
            "",
            f"- date: {datetime.now(UTC).date().isoformat()}",
            f"- from {self.shape.context_length} steps to {self.shape.horizon}",
            f"- parameters: {size:,}",
            f"- learnt from: {', '.join(self.learnt_from) or 'nothing yet'} history",
            f"- training kept: {kept}",
            f"- {licence_of_weights(licences)}",
        ]
        return "\n".join(lines) + "\n"

    def _ready(self, windows: Windows) -> nn.Module:
        if self.network is None or self.spec is None:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
        self.check(windows)
        panel = windows.panels[0]
        for what in ("side", "steps_per_day"):
            known, given = getattr(self.spec, what), getattr(panel, what)
            if known != given:
                raise BadInput(
                    f"The forecaster '{self.name}' is for a {what.replace('_', ' ')} of {known}, "
                    f"and {given} was given."
                )
        return self.network

    @torch.no_grad()
    def _normalised(self, windows: Windows) -> Tensor:
        """Quantiles of the network alone, (N, H, K, Q), sorted."""
        network = self._ready(windows).to(self.device).eval()
        parts = [
            network(windows.batch(rows).to(self.device)).cpu() for rows in in_order(len(windows))
        ]
        return torch.cat(parts).sort(dim=-1).values
