"""A forecasting network as a bilevel problem: its losses as functions of one parameter vector."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.utils import parameters_to_vector

from netspatial.arrays import Floats32, Indices
from netspatial.forecast.bilevel import BilevelProblem
from netspatial.forecast.training import pinball
from netspatial.forecast.window_batch import WindowBatch
from netspatial.forecast.windows import Windows


def problem_of(
    network: nn.Module, simulated: Windows, parameters: Floats32, real: Windows
) -> tuple[BilevelProblem, Tensor]:
    """Losses of the network on windows as functions of its parameters φ, and its present φ.

    Parameters
    ----------
    network : Module
        A forecasting network.
    simulated : Windows
        Simulated windows.
    parameters : array (configurations, P) of float32
        To which `simulated.config` points.
    real : Windows
        Real windows on which weights are trained.

    Returns
    -------
    problem : BilevelProblem
        Losses and data.
    phi : Tensor (p,)
        Present parameters.
    """
    network.eval()
    sizes = {name: parameter.shape for name, parameter in network.named_parameters()}

    def losses(windows: Windows) -> Callable[[Tensor, Indices], Tensor]:
        def of(phi: Tensor, rows: Indices) -> Tensor:
            parts = torch.split(phi, [size.numel() for size in sizes.values()])
            values = {
                name: part.view(size)
                for (name, size), part in zip(sizes.items(), parts, strict=True)
            }
            batch = windows.batch(rows)
            # the only attention backend that can be differentiated twice
            with sdpa_kernel(SDPBackend.MATH):
                return window_losses(functional_call(network, values, (batch,)), batch)

        return of

    problem = BilevelProblem(
        simulated=losses(simulated),
        real=losses(real),
        real_count=len(real),
        config=simulated.config,
        parameters=torch.from_numpy(parameters),
    )
    return problem, parameters_to_vector(network.parameters()).detach()


def window_losses(quantiles: Tensor, batch: WindowBatch) -> Tensor:
    """Mean loss of each window in the unit of `task_losses`; 0 without measurements.

    Parameters
    ----------
    quantiles : Tensor (B, H, K, Q)
        Forecast quantiles at `LEVELS`.
    batch : WindowBatch
        The windows.

    Returns
    -------
    Tensor (B,)
    """
    known = ~batch.y.isnan()
    loss = pinball(quantiles, batch.y.nan_to_num()) * (batch.scale / batch.level)[:, None]
    return torch.where(known, loss, 0.0).sum(dim=(1, 2)) / known.sum(dim=(1, 2)).clamp(min=1)
