import numpy as np
import pytest
import torch

from netspatial.context.features.extractor import Features, join
from netspatial.context.fusion.alignment import Alignment
from netspatial.context.fusion.embedding_spread import effective_rank, pairwise_cosine
from netspatial.context.fusion.feature_projector import (
    Centre,
    Shape,
    Whiten,
    fit_statistics,
    to_batch,
)
from netspatial.context.fusion.losses import (
    OBJECTIVES,
    draw_shown,
    info_nce,
    masked_loss,
    present_and_shown,
    vicreg_terms,
)
from netspatial.context.fusion.masked_fusion import MaskedFusion
from netspatial.context.fusion.poi_embedding import PoiEmbedding
from netspatial.errors import BadInput
from netspatial.randomness import stream
from tests.context.made_up_features import made_up_features

SHAPE = Shape(image_dim=12, text_dim=10, tally_width=8, d=16)


def fused(model, features, **shown):
    batch = to_batch(features)
    with torch.no_grad():
        return model(
            batch, shown.get("image", batch.has_image), shown.get("pois", batch.has_pois)
        ).z.numpy()


@pytest.fixture
def model():
    torch.manual_seed(0)
    network = MaskedFusion(SHAPE).eval()
    fit_statistics(network.towers, made_up_features())
    return network


def test_eq_8_weights_the_two_prompts_of_each_poi():
    tower = PoiEmbedding(10, 16)
    text = torch.randn(5, 10)
    address, surroundings = torch.tensor([0, 1, 2]), torch.tensor([3, 3, 2])
    found = tower.fuse(text, address, surroundings)
    e_A, e_S = tower.project(text)[address], tower.project(text)[surroundings]
    a = torch.softmax(tower.score(torch.cat([e_A, e_S], dim=1)), dim=1)
    expected = a[:, [0]] * e_A + a[:, [1]] * e_S
    torch.testing.assert_close(found, expected / expected.norm(dim=1, keepdim=True))
    torch.testing.assert_close(found.norm(dim=1), torch.ones(3))


def test_eq_9_pools_with_weights_that_sum_to_one():
    tower = PoiEmbedding(10, 16)
    p_i = torch.nn.functional.normalize(torch.randn(4, 16), dim=1)
    p, b = tower.pool(p_i, torch.tensor([[0, 2, -1], [3, -1, -1], [-1, -1, -1]]))
    torch.testing.assert_close(b.sum(dim=1), torch.tensor([1.0, 1.0, 0.0]))
    torch.testing.assert_close(p[0], b[0, 0] * p_i[0] + b[0, 1] * p_i[2])
    torch.testing.assert_close(p[1], p_i[3])
    assert not p[2].any()


def test_pooling_does_not_depend_on_the_order_of_pois():
    tower = PoiEmbedding(10, 16)
    p_i = torch.randn(4, 16)
    one, _ = tower.pool(p_i, torch.tensor([[0, 1, 2, -1]]))
    other, _ = tower.pool(p_i, torch.tensor([[2, 0, 1, -1]]))
    torch.testing.assert_close(one, other)


def test_z_has_unit_length(model):
    np.testing.assert_allclose(
        np.linalg.norm(fused(model, made_up_features()), axis=1), 1, rtol=1e-5
    )


def test_z_of_a_place_does_not_depend_on_the_others(model):
    features = made_up_features()
    whole = fused(model, features)
    order = stream(1, "order").permutation(64)
    in_parts = np.concatenate(
        [fused(model, features.take(order[at : at + 7])) for at in range(0, 64, 7)]
    )
    np.testing.assert_allclose(in_parts, whole[order], atol=1e-6)


def test_a_hidden_modality_does_not_change_z(model):
    features = made_up_features()
    none = torch.zeros(64, dtype=torch.bool)
    other = made_up_features(seed=5)
    mixed = Features(**{**vars(features), "image": other.image})
    np.testing.assert_array_equal(
        fused(model, features, image=none), fused(model, mixed, image=none)
    )
    mixed = Features(
        **{**vars(other), "image": features.image, "image_share": features.image_share}
    )
    np.testing.assert_array_equal(fused(model, features, pois=none), fused(model, mixed, pois=none))


def test_places_without_anything_share_one_embedding(model):
    none = torch.zeros(64, dtype=torch.bool)
    z = fused(model, made_up_features(), image=none, pois=none)
    np.testing.assert_array_equal(z, np.broadcast_to(z[0], z.shape))


def test_joining_does_not_change_the_places(model):
    one, other = made_up_features(20), made_up_features(30, seed=4)
    both = fused(model, join([one, other]))
    np.testing.assert_allclose(both[:20], fused(model, one), atol=1e-6)
    np.testing.assert_allclose(both[20:], fused(model, other), atol=1e-6)


def test_the_paper_masks_exactly_one_modality():
    image, pois = draw_shown("paper", stream(0, "mask"), 3000)
    assert (image ^ pois).all()
    assert 0.45 < image.mean() < 0.55


def test_our_masking_also_shows_both_modalities():
    image, pois = draw_shown("both", stream(0, "mask"), 3000)
    assert (image | pois).all()
    shares = [(image & pois).mean(), (~image).mean(), (~pois).mean()]
    np.testing.assert_allclose(shares, [0.34, 0.33, 0.33], atol=0.03)


def test_only_present_modalities_are_shown_and_at_least_one_if_any_is_present():
    batch = to_batch(made_up_features())
    image, pois = present_and_shown(
        batch, *map(torch.from_numpy, draw_shown("paper", stream(0, "mask"), 64))
    )
    assert not (image & ~batch.has_image).any()
    assert not (pois & ~batch.has_pois).any()
    assert ((image | pois) == (batch.has_image | batch.has_pois)).all()


def test_eq_12_is_zero_for_perfect_reconstruction_and_when_nothing_is_hidden(model):
    batch = to_batch(made_up_features())
    paper = OBJECTIVES["paper"]
    hidden = torch.zeros(64, dtype=torch.bool)
    with torch.no_grad():
        out = model(batch, hidden, batch.has_pois)
        perfect = out._replace(v_hat=3.0 * out.tokens.v)
        assert float(masked_loss(out, batch, hidden, batch.has_pois, paper)) > 0.1
        assert abs(float(masked_loss(perfect, batch, hidden, batch.has_pois, paper))) < 1e-6
        assert float(masked_loss(out, batch, batch.has_image, batch.has_pois, paper)) == 0.0


@pytest.mark.parametrize(("objective", "reaches"), [("guarded", False), ("paper", True)])
def test_only_the_published_loss_trains_its_targets(objective, reaches):
    """With our objective, no gradient flows into v through its own reconstruction."""
    torch.manual_seed(0)
    model = MaskedFusion(SHAPE)
    fit_statistics(model.towers, made_up_features())
    batch = to_batch(made_up_features())
    hidden = torch.zeros(64, dtype=torch.bool)
    out = model(batch, hidden, batch.has_pois)
    masked_loss(out, batch, hidden, batch.has_pois, OBJECTIVES[objective]).backward()
    gradient = model.towers.image.weight.grad
    assert (gradient is not None and bool(gradient.abs().sum() > 0)) is reaches


def test_the_variance_term_detects_collapse():
    same = torch.nn.functional.normalize(torch.ones(50, 16), dim=1)
    spread = torch.nn.functional.normalize(torch.randn(2000, 16), dim=1)
    assert vicreg_terms(same)[0] > 0.9
    assert vicreg_terms(spread)[0] < 0.05
    assert vicreg_terms(spread)[1] < 0.1


def test_rank_and_cosine_equal_their_closed_forms():
    rng = stream(0, "spread")
    basis = np.eye(8, dtype=np.float32)
    assert effective_rank(np.concatenate([basis, -basis])) == pytest.approx(8)
    line = np.outer(rng.normal(size=50), rng.normal(size=8))
    assert effective_rank(line) == pytest.approx(1, abs=1e-3)
    assert effective_rank(np.ones((50, 8))) == 0.0
    assert pairwise_cosine(np.ones((5, 8))) == pytest.approx((1.0, 0.0))
    mean, spread = pairwise_cosine(np.concatenate([basis[:1], -basis[:1]]))
    assert (mean, spread) == pytest.approx((-1.0, 0.0))


def test_the_contrastive_loss_is_least_where_pairs_match():
    v = torch.nn.functional.normalize(torch.randn(32, 16), dim=1)
    both, temperature = torch.ones(32, dtype=torch.bool), torch.tensor(0.05)
    assert info_nce(v, v, both, temperature) < 0.1 * info_nce(v, v.flip(0), both, temperature)
    assert float(info_nce(v, v, ~both, temperature)) == 0.0


def test_alignment_gives_unit_vectors():
    torch.manual_seed(0)
    model = Alignment(SHAPE).eval()
    features = made_up_features()
    fit_statistics(model.towers, features)
    z = fused(model, features)
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1, rtol=1e-5)


def test_whitening_equalises_directions_and_centring_does_not():
    x = (stream(0, "white").normal(size=(4000, 6)) * [10, 5, 2, 1, 1, 1] + 7).astype(np.float32)
    white, centred = Whiten(6), Centre(6)
    white.fit(x)
    centred.fit(x)
    even, plain = (part(torch.from_numpy(x)).numpy() for part in (white, centred))
    np.testing.assert_allclose(even.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(plain.mean(axis=0), 0, atol=1e-3)
    assert (plain**2).mean() == pytest.approx(1, rel=1e-3)
    covariance = np.cov(even.T)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=0.02)
    assert even.std(axis=0).max() < 3 * even.std(axis=0).min()
    assert plain.std(axis=0).max() > 9 * plain.std(axis=0).min()


@pytest.mark.parametrize("whiten", ["none", "pca"])
def test_each_whitening_works_in_the_fusion(whiten):
    model = MaskedFusion(Shape(12, 10, 8, 16, whiten))
    fit_statistics(model.towers, made_up_features())
    assert np.isfinite(fused(model, made_up_features())).all()


def test_an_unknown_whitening_is_refused():
    with pytest.raises(BadInput, match="no whitening 'zca'"):
        Shape(12, 10, 8, 16, "zca")


def test_training_places_without_images_are_refused():
    features = made_up_features()
    features = Features(**{**vars(features), "image_share": np.zeros(len(features))})
    with pytest.raises(BadInput, match="too few images or POIs"):
        fit_statistics(MaskedFusion(SHAPE).towers, features)
