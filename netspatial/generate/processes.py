"""One process or several under torchrun: which device each trains on, and their common start."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed

from netspatial.errors import BadInput


@contextmanager
def training_device(wanted: str) -> Iterator[str]:
    """Yield this process's device; under torchrun join the others for as long as the block runs."""
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise BadInput(f"The device '{wanted}' was asked for and no CUDA device is here; try cpu.")
    if "RANK" not in os.environ:
        yield wanted
        return
    cuda = wanted.startswith("cuda")
    torch.distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield f"cuda:{os.environ['LOCAL_RANK']}" if cuda else wanted
    finally:
        torch.distributed.destroy_process_group()


def rank_and_world() -> tuple[int, int]:
    """Which of how many processes this is; the first of one where there is no torchrun."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def wait_for_all() -> None:
    """Go on when every process has come here."""
    if rank_and_world()[1] > 1:
        torch.distributed.barrier()
