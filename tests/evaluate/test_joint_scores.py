"""Joint scores equal their definitions, and sums over groups are counted as stated."""

import numpy as np
import pytest

from netspatial.evaluate.joint_scores import (
    HOUR_STEP,
    energy,
    joint_scores,
    neighbour_groups,
    variogram,
)
from netspatial.randomness import stream

RANDOM = stream(0, "joint scores")
X, Y = RANDOM.gamma(2, 1, (4, 19, 48)), RANDOM.gamma(2, 1, (4, 48))


def test_the_energy_score_is_its_definition() -> None:
    hours = range(0, 48, HOUR_STEP)
    by_hand = []
    for t in hours:
        x, y = X[:, :, t].T, Y[:, t]
        away = np.mean([np.linalg.norm(one - y) for one in x])
        pairs = np.sum([np.linalg.norm(a - b) for a in x for b in x]) / (19 * 18)
        by_hand.append(away - pairs / 2)
    assert energy(X, Y) == pytest.approx(np.mean(by_hand))


def test_the_variogram_score_is_its_definition() -> None:
    by_hand = []
    for t in range(0, 48, HOUR_STEP):
        x, y = X[:, :, t], Y[:, t]
        for i in range(4):
            for j in range(4):
                if i != j:
                    expected = np.mean(np.abs(x[i] - x[j]) ** 0.5)
                    by_hand.append((abs(y[i] - y[j]) ** 0.5 - expected) ** 2)
    assert variogram(X, Y) == pytest.approx(np.mean(by_hand))


def test_groups_are_disjoint_neighbours() -> None:
    xy = RANDOM.uniform(0, 5000, (47, 2))
    groups = neighbour_groups(xy)
    members = np.concatenate(groups)
    assert len(groups) == 4
    assert len(set(members.tolist())) == len(members) == 40
    spread = np.mean([xy[group].std(axis=0).mean() for group in groups])
    assert spread < 0.7 * xy.std(axis=0).mean()


def test_too_few_places_make_no_group() -> None:
    assert neighbour_groups(RANDOM.uniform(0, 1, (9, 2))) == []


def test_sums_of_dependent_places_are_covered_by_dependent_samples_alone() -> None:
    common = RANDOM.standard_normal((200, 20, 24))
    parts = RANDOM.standard_normal((200, 10, 20, 24))
    drawn = 5 + np.sqrt(0.5) * common[:, None] + np.sqrt(0.5) * parts
    drawn = np.moveaxis(drawn, 2, 3).reshape(2000, 24, 20).swapaxes(1, 2)
    truth, together = drawn[:, 0], drawn[:, 1:]
    alone = np.stack([together[RANDOM.permutation(2000), at] for at in range(19)], axis=1)
    groups = list(np.arange(2000).reshape(200, 10))
    joint, single = (joint_scores(one, truth, groups) for one in (together, alone))
    assert joint.district_cov90_1h == pytest.approx(0.9, abs=0.02)
    assert joint.district_cov90_24h == pytest.approx(0.9, abs=0.07)
    assert single.district_cov90_1h < 0.75
    assert joint.energy_score < single.energy_score
    assert joint.variogram_score < single.variogram_score
    assert joint.crps == pytest.approx(single.crps, rel=0.02)
