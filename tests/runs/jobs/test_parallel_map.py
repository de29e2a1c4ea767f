"""Parallel map: ordered, with bounded memory, and the same bytes on any number of cores."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier

import pytest
import torch

from netspatial.context.context_file import read_context
from netspatial.generate.generator import Generator
from netspatial.runs.jobs.parallel_map import parallel_map
from netspatial.runs.kinds.ensemble import SampleRequest, draw_blocks
from netspatial.runs.kinds.plan_result import CONTEXT, PlanRun


@pytest.fixture
def three_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
def test_as_many_pieces_as_threads_run_in_parallel_and_results_are_ordered() -> None:
    together = Barrier(3, timeout=60)
    inside = []

    def make(piece: int) -> int:
        together.wait()
        inside.append(torch.get_num_threads())
        return piece**2

    assert list(parallel_map(make, range(9))) == [piece**2 for piece in range(9)]
    assert inside == [1] * 9
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_only_a_few_pieces_are_started_ahead() -> None:
    begun = []
    made = parallel_map(begun.append, range(100))
    next(made)
    made.close()
    assert len(begun) <= 4
    assert torch.get_num_threads() == 3


@pytest.mark.usefixtures("three_threads")
def test_a_piece_that_fails_ends_the_work_with_its_error() -> None:
    with pytest.raises(ZeroDivisionError):
        list(parallel_map(lambda piece: 1 // (5 - piece), range(100)))
    assert torch.get_num_threads() == 3


def test_the_traffic_is_the_same_on_any_number_of_cores(
    planned: PlanRun, model_folder: Path, tmp_path: Path
) -> None:
    context, generator = read_context(planned.folder / CONTEXT), Generator.load(model_folder)
    drawn, shares = [], []
    for threads in (1, 3):
        torch.set_num_threads(threads)
        part = tmp_path / f"{threads}.part"
        asked = SampleRequest(2, 0, 1, "2026-01-05", "UTC")
        draw_blocks(generator, context, asked, 168, part, lambda _, share: shares.append(share))
        drawn.append(part.read_bytes())
    torch.set_num_threads(1)
    assert drawn[0] == drawn[1]
    half = len(shares) // 2
    assert shares[:half] == shares[half:] == sorted(shares[:half])
