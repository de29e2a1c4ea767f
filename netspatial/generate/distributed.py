"""Devices, and distributed training under torchrun."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed

from netspatial.errors import BadInput

DEVICES = ("cpu", "cuda")


def device_named(wanted: str) -> torch.device:
    """Return the device of this name; raise where this machine has none."""
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise BadInput(
            f"There is no device '{wanted}'; give cpu, cuda, or one of several as cuda:0."
        ) from error
    if device.type not in DEVICES:
        raise BadInput(f"The device '{wanted}' is not supported; give {' or '.join(DEVICES)}.")
    if device.type == "cpu" and device.index:
        raise BadInput(f"There is no device '{wanted}'; give cpu for the processor.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadInput(f"There is no CUDA device here for '{wanted}'; use cpu.")
    return device


@contextmanager
def training_device(wanted: str) -> Iterator[str]:
    """Yield this process's device; under torchrun, join the process group inside the block."""
    cuda = device_named(wanted).type == "cuda"
    if "RANK" not in os.environ:
        yield wanted
        return
    torch.distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield f"cuda:{os.environ['LOCAL_RANK']}" if cuda else wanted
    finally:
        torch.distributed.destroy_process_group()


def rank_and_world() -> tuple[int, int]:
    """Return the rank and the number of processes; (0, 1) without torchrun."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def wait_for_all() -> None:
    """Wait until every process has called this."""
    if rank_and_world()[1] > 1:
        torch.distributed.barrier()
