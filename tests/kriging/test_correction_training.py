"""The learned correction is trained on random tasks, reproducibly, and keeps its best step."""

import numpy as np
import pytest
import torch

from netspatial.errors import BadInput
from netspatial.kriging.correction_network import CorrectionNetwork, NetworkSettings
from netspatial.kriging.correction_tasks import BLOCK_M, TrainingCity, draw_task, split
from netspatial.kriging.correction_training import (
    CorrectionTraining,
    relative_crps,
    task_loss,
    train_correction,
    validation_tasks,
)
from netspatial.kriging.learned_correction import gaussian_crps
from netspatial.kriging.priors import load_priors
from netspatial.randomness import stream
from tests.kriging.made_up_field import made_up_level, made_up_places

PRIOR = load_priors()["level"]


def made_up_city(seed: int) -> TrainingCity:
    places = made_up_places(50, seed)
    noise = stream(seed, "levels").normal(0, 0.2, (2, 50))
    return TrainingCity(f"city {seed}", places, made_up_level(places) + noise)


CITIES, HELD_OUT = [made_up_city(1), made_up_city(2)], [made_up_city(3)]


def test_support_and_asked_places_are_disjoint_and_of_any_size() -> None:
    xy = made_up_places(200, 4).xy
    sizes = []
    for seed in range(40):
        known, asked = split(xy, stream(seed, "split"))
        assert not set(known) & set(asked)
        assert len(known) >= 4
        assert len(asked) > 0
        sizes.append(len(known))
    assert min(sizes) < 10
    assert max(sizes) > 60
    assert BLOCK_M[0] < BLOCK_M[1]


def test_an_untrained_network_has_the_loss_of_layer_1() -> None:
    network = CorrectionNetwork(NetworkSettings({"embedding": 6, "counts": 4, "network": 3}))
    task = draw_task(CITIES[0], PRIOR, stream(0, "task"))
    layer_1 = gaussian_crps(task.truth, task.posterior).mean()
    expected = layer_1 / np.sqrt(task.posterior.variance).mean()
    assert float(task_loss(network.eval(), task).detach()) == pytest.approx(expected, rel=1e-4)
    assert relative_crps(network, [task]) == 1.0


def test_every_station_of_a_held_out_city_is_asked_once() -> None:
    for name in ("random", "blocks"):
        tasks = validation_tasks(HELD_OUT, PRIOR, name)
        assert sum(len(task.truth) for task in tasks) == 50
        assert all(len(task.support) + len(task.truth) == 50 for task in tasks)


def test_training_is_reproducible_and_never_keeps_a_step_that_is_worse_than_layer_1() -> None:
    config = CorrectionTraining(steps=2, tasks_per_step=1)
    found = [train_correction(CITIES, HELD_OUT, PRIOR, config) for _ in range(2)]
    assert found[0].scores == found[1].scores
    assert np.mean(list(found[0].scores.values())) <= 1.0
    one, other = (trained.network.state_dict() for trained in found)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_the_loss_falls_where_there_is_something_to_learn() -> None:
    """The truth is a known share of the deviation above layer 1."""
    torch.manual_seed(0)
    network = CorrectionNetwork(
        NetworkSettings({"embedding": 6, "counts": 4, "network": 3}, dropout=0.0)
    )
    task = draw_task(CITIES[0], PRIOR, stream(1, "task"))
    shifted = type(task)(
        task.support,
        task.asked,
        task.posterior,
        task.posterior.mean[:, 0] + 0.8 * np.sqrt(task.posterior.variance),
    )
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    first = last = task_loss(network, shifted)
    for _ in range(30):
        optimiser.zero_grad()
        last = task_loss(network, shifted)
        last.backward()
        optimiser.step()
    assert float(last.detach()) < 0.7 * float(first.detach())


def test_cities_without_others_to_validate_and_of_other_parts_are_refused() -> None:
    with pytest.raises(BadInput, match="others to be validated on"):
        train_correction(CITIES, [], PRIOR)
    places = made_up_places(50, 9)
    other = TrainingCity(
        "no counts",
        type(places)(
            places.xy,
            places.coverage,
            places.level,
            places.level_sd,
            {**places.features, "counts": np.zeros((50, 0))},
        ),
        made_up_level(places)[None],
    )
    with pytest.raises(BadInput, match="in the group 'counts'"):
        train_correction([CITIES[0], other], HELD_OUT, PRIOR)
