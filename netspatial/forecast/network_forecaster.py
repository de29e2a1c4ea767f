"""Forecaster around any network: training, calibration, saving and loading.

Sim-MSTNet and the baselines are this class with different `build` functions.
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
from netspatial.forecast.forecaster import LEVELS, at_levels
from netspatial.forecast.network_spec import (
    Build,
    HasCorrectionScale,
    NetworkSpec,
    Option,
    Specified,
)
from netspatial.forecast.networks import NETWORKS
from netspatial.forecast.training import FitResult, TrainConfig, in_order, train
from netspatial.forecast.window_forecaster import Quantiles, WindowForecaster
from netspatial.forecast.windows import Windows, WindowSpec
from netspatial.progress import Progress, silent
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
"""Prefix of the network's tensors in the weights file."""


@dataclass(frozen=True)
class ForecasterSettings:
    """Content of a forecaster's config.json, from which its network can be rebuilt."""

    network: str
    shape: WindowSpec
    tasks: tuple[str, ...]
    spec: NetworkSpec
    train_config: TrainConfig
    task_weights: str
    calibrated: bool
    trained_on: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raise an error for inconsistent sizes."""
        sizes = (self.spec.context_length, self.spec.horizon, self.spec.tasks, self.spec.levels)
        if sizes != (self.shape.context_length, self.shape.horizon, len(self.tasks), len(LEVELS)):
            raise ValueError("spec has other sizes than shape, tasks or the known quantiles")


@dataclass(eq=False)
class NetworkForecaster(WindowForecaster):
    """A network that forecasts all its tasks jointly.

    Attributes
    ----------
    name : str
        Key by which `load` finds `build`.
    build : function from NetworkSpec to Module
        Builds the network.
    shape : WindowSpec
        Context length and horizon, steps.
    tasks : tuple of str
        Names of the tasks.
    train_config : TrainConfig
        Steps, batch size and learning rate.
    options : mapping from str to value
        Of the network, see its `build`.
    task_weights : str
        Weighting of the task losses, a key of `LOSS_WEIGHTS`.
    calibrated : bool
        Whether validation windows set the correction scale and the interval widths.
    device : str
        Device of the network.
    spec : NetworkSpec or None
        Sizes and options of the built network.
    network : Module or None
        The network; None before training.
    factors : Tensor (K, Q) or None
        Factors of the intervals, see `interval_factors`.
    trained : FitResult or None
        Course of the last training.
    trained_on : tuple of str
        Provenance of the training data.
    interval_shrinkage : float
        Exponent of the interval factors.
    """

    name: str
    build: Build
    shape: WindowSpec
    tasks: tuple[str, ...]
    train_config: TrainConfig = field(default_factory=TrainConfig)
    options: Mapping[str, Option] = field(default_factory=dict)
    task_weights: str = "equal"
    calibrated: bool = True
    device: str = "cpu"
    spec: NetworkSpec | None = None
    network: nn.Module | None = None
    factors: Tensor | None = None
    trained: FitResult | None = None
    trained_on: tuple[str, ...] = ()
    interval_shrinkage: float = 1.0

    def fit(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Build a new network and train it.

        Parameters
        ----------
        windows : Windows
            N training windows.
        validation : Windows
            For early stopping and interval calibration.
        seed : int
            Of the initial parameters and the training.
        progress : Progress
            Called during training.
        window_weights : array (N,), optional
            Weight of each training window; by default equal.

        Returns
        -------
        NetworkForecaster
            Itself.
        """
        self.begin(windows, seed)
        return self.finetune(windows, validation, seed, progress, window_weights)

    def begin(self, windows: Windows, seed: int = 0) -> nn.Module:
        """Build an untrained network for windows of this shape."""
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
        self.trained_on, self.factors = (), None
        return self.network

    def finetune(
        self,
        windows: Windows,
        validation: Windows,
        seed: int = 0,
        progress: Progress = silent,
        window_weights: AnyFloats | None = None,
    ) -> Self:
        """Continue training the present network, and calibrate it."""
        network = self._ready(windows)
        self.check(validation)
        if isinstance(network, HasCorrectionScale):
            network.correction_scale.fill_(1.0)
        self.trained = train(
            network,
            windows,
            validation,
            self.train_config,
            seed=seed,
            task_weights=self.task_weights,
            window_weights=window_weights,
            device=self.device,
            progress=progress,
        )
        kinds = {panel.provenance for panel in windows.panels}
        self.trained_on = tuple(sorted({*self.trained_on, *kinds}))
        return self.calibrate(validation)

    def calibrate(self, validation: Windows) -> Self:
        """Fit the correction scale and the interval factors on validation windows."""
        self.factors = None
        network = self._ready(validation)
        if self.calibrated:
            if isinstance(network, HasCorrectionScale):
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

        Parameters
        ----------
        folder : Path
            Folder of the weights.
        networks : mapping from str to function, optional
            `build` functions by name, for networks outside `NETWORKS`.

        Returns
        -------
        NetworkForecaster
        """
        saved = load_weights(folder, KIND)
        return cls.read(saved.tensors, saved.config, str(folder), networks)

    def written(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Tensors and config from which `read` restores this forecaster."""
        if self.network is None or self.spec is None:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
        tensors = prefixed(NETWORK, arrays(self.network))
        if self.factors is not None:
            tensors["factors"] = self.factors.numpy()
        if isinstance(self.network, HasCorrectionScale):
            tensors["correction_scale"] = self.network.correction_scale.cpu().numpy()
        spec = self.network.spec if isinstance(self.network, Specified) else self.spec
        config = {
            "network": self.name,
            "shape": asdict(self.shape),
            "tasks": list(self.tasks),
            "spec": asdict(spec),
            "train_config": asdict(self.train_config),
            "task_weights": self.task_weights,
            "calibrated": self.calibrated,
            "trained_on": list(self.trained_on),
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
        """Restore a forecaster from tensors and config of `written`."""
        networks = NETWORKS if networks is None else networks
        settings = as_kind(
            {name: value for name, value in config.items() if name not in OF_THE_FILE},
            ForecasterSettings,
            f"The config.json of '{source}'",
        )
        if settings.network not in networks:
            raise BadInput(
                f"'{source}' holds a network '{settings.network}'; known are {', '.join(networks)}."
            )
        build = networks[settings.network]
        own = under(NETWORK, tensors)
        network = built(lambda: build(settings.spec), own, f"'{source}'").eval()
        made = cls(
            name=settings.network,
            build=build,
            shape=settings.shape,
            tasks=settings.tasks,
            train_config=settings.train_config,
            options=settings.spec.options,
            task_weights=settings.task_weights,
            calibrated=settings.calibrated,
            spec=settings.spec,
            network=network,
            trained_on=settings.trained_on,
        )
        optional: tuple[str, ...] = ("factors",)
        if isinstance(network, HasCorrectionScale):
            optional = ("factors", "correction_scale")
        refuse_unknown(tensors, (*prefixed(NETWORK, own), *optional), f"'{source}'")
        tasks = len(settings.tasks)
        if "factors" in tensors:
            made.factors = tensor_of(tensors, "factors", (tasks, settings.spec.levels), source)
        if isinstance(network, HasCorrectionScale):
            network.correction_scale.copy_(tensor_of(tensors, "correction_scale", (tasks,), source))
        return made

    def afresh(self, train_config: TrainConfig) -> "NetworkForecaster":
        """An untrained `NetworkForecaster` with these settings."""
        return NetworkForecaster(
            self.name,
            self.build,
            self.shape,
            self.tasks,
            train_config,
            self.options,
            self.task_weights,
            calibrated=self.calibrated,
            device=self.device,
        )

    def take_over(self, other: "NetworkForecaster") -> None:
        """Take network and calibration of another trained forecaster with the same settings."""
        self.spec, self.network, self.factors = other.spec, other.network, other.factors
        self.trained, self.trained_on = other.trained, other.trained_on

    def card(self) -> str:
        """Model card in Markdown."""
        if self.network is None:
            raise BadInput(f"The forecaster '{self.name}' has not been trained yet.")
        size = sum(parameter.numel() for parameter in self.network.parameters())
        kept = str(self.trained.kept) if self.trained else "not stated"
        licences = () if self.trained_on == ("simulated",) else ("that of its history",)
        lines = [
            f"# Forecaster `{self.name}`",
            "",
            f"Forecasts {', '.join(self.tasks)} as quantiles.",
            "",
            f"- date: {datetime.now(UTC).date().isoformat()}",
            f"- context length: {self.shape.context_length} steps, horizon: {self.shape.horizon}",
            f"- parameters: {size:,}",
            f"- trained on: {', '.join(self.trained_on) or 'no'} history",
            f"- training steps of the kept parameters: {kept}",
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
                    f"The forecaster '{self.name}' needs {what.replace('_', ' ')} = {known}; the "
                    f"windows have {given}."
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
