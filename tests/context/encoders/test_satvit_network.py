import json

import numpy as np
import pytest
import torch

from netspatial.context.encoders import VISION, load_vision
from netspatial.context.encoders.satvit_folder import BUNDLED, read_satvit, write_satvit
from netspatial.context.encoders.satvit_network import SatVitConfig
from netspatial.context.training.eurosat import EuroSat, held_out
from netspatial.context.training.satvit_training import MappedScene, SatVitTrainConfig, train_satvit
from netspatial.errors import BadInput
from netspatial.randomness import stream

TINY = SatVitConfig(side=16, width=16, depth=2, heads=2, stem=8)
QUICK = SatVitTrainConfig(steps=40, real_batch=16, scene_batch=4, warmup=5, ema=0.9, mixup=0.2)


def stripes_and_plains(count: int, seed: int = 0) -> EuroSat:
    """Return two classes that differ in texture alone."""
    numbers = stream(seed, "test", "stripes")
    labels = np.arange(count) % 2
    images = numbers.integers(90, 110, (count, 16, 16, 3), dtype=np.uint8)
    images[labels == 1, ::2] += 80
    return EuroSat(images, labels, [f"p{i}" for i in range(count)], ["plain", "striped"])


def scene(side: int = 40) -> MappedScene:
    use = np.zeros((side, side), dtype=np.uint8)
    use[:, side // 2 :] = 3
    rgb = np.where(use[..., None] == 3, 200, 30).astype(np.uint8).repeat(3, axis=2)
    return MappedScene(rgb, use)


def losses_in(what: str) -> dict[str, float]:
    """Return the losses that a progress text names."""
    pairs = (entry.split() for entry in what.removeprefix("training: ").split(", "))
    return {name: float(value) for name, value in pairs}


@pytest.fixture(scope="module")
def trained():
    losses: list[dict[str, float]] = []
    network = train_satvit(
        TINY,
        QUICK,
        stripes_and_plains(64),
        [scene()],
        5,
        lambda what, _share: losses.append(losses_in(what)),
    )
    return network, losses


def test_training_lowers_both_losses(trained):
    _, losses = trained
    assert len(losses) == QUICK.steps
    for task, least_gain in (("eurosat", 0.15), ("scenes", 0.4)):
        first = np.mean([loss[task] for loss in losses[:10]])
        last = np.mean([loss[task] for loss in losses[-10:]])
        assert last < first - least_gain, task


def test_the_same_seed_trains_the_same_network(trained):
    network, _ = trained
    again = train_satvit(TINY, QUICK, stripes_and_plains(64), [scene()], 5)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], tensor, msg=name)


def test_training_does_not_change_the_global_random_state():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    train_satvit(TINY, SatVitTrainConfig(steps=1, real_batch=4), stripes_and_plains(4), [], 5)
    assert torch.equal(before, torch.get_rng_state())


def test_a_trained_network_is_written_and_read_back(trained, tmp_path):
    network, _ = trained
    images = stripes_and_plains(6, seed=1).images
    fingerprint = write_satvit(tmp_path / "satvit", network, {"seed": 0}, "# Card")
    encoder = load_vision(f"satvit:{tmp_path / 'satvit'}")
    assert encoder.fingerprint == fingerprint
    assert encoder.gsd_m == 10
    with torch.inference_mode():
        x = torch.from_numpy(images).permute(0, 3, 1, 2) / 127.5 - 1
        expected = network(x).numpy()
    np.testing.assert_allclose(encoder.encode(images), expected, rtol=1e-4, atol=1e-4)


def test_weights_of_another_hash_or_shape_are_refused(trained, tmp_path):
    folder = tmp_path / "satvit"
    write_satvit(folder, trained[0], {}, "# Card")
    config = json.loads((folder / "config.json").read_text())
    config["network"]["width"] = 32
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="calls for"):
        read_satvit(folder)
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    with pytest.raises(BadInput, match="SHA-256"):
        read_satvit(folder)


def test_a_scene_too_small_to_crop_is_refused():
    with pytest.raises(BadInput, match="smaller than 32 pixels"):
        train_satvit(TINY, QUICK, stripes_and_plains(4), [scene(20)], 5)


def test_two_patches_in_five_are_held_out_in_any_order():
    names = [f"Forest_{i}.jpg" for i in range(4000)]
    kept = held_out(names)
    assert 0.37 < kept.mean() < 0.43
    np.testing.assert_array_equal(held_out(names[::-1]), kept[::-1])


def test_the_bundled_network_works_and_has_its_licences():
    encoder = load_vision("satvit")
    images = stream(0, "test", "shipped").integers(0, 256, (2, 64, 64, 3), dtype=np.uint8)
    assert encoder.encode(images).shape == (2, encoder.dim)
    assert str(encoder.dim) == VISION["satvit"].dim
    assert (BUNDLED / "weights.safetensors").stat().st_size < 12e6
    assert "MIT (EuroSAT" in (BUNDLED / "card.md").read_text()
