"""The bundled context: small, with a complete card, and trained on the default encoders."""

import numpy as np

from netspatial.context.embed import DEFAULT, embed, load_context


def test_the_bundled_context_is_small_and_its_card_names_data_and_licences():
    assert sum(path.stat().st_size for path in DEFAULT.iterdir()) < 4_000_000
    card = (DEFAULT / "card.md").read_text()
    for words in ("Simulated city", "CC0-1.0", "Apache-2.0", "effective rank", "Limits"):
        assert words in card


def test_the_bundled_context_fits_the_default_encoders(small_city, tmp_path, monkeypatch):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path))
    context = embed(small_city, small_city.stations)
    assert context.embedding.shape == (6, 128)
    assert context.fingerprint == load_context().fingerprint
    assert np.isfinite(context.embedding).all()
    assert len(np.unique(context.embedding.round(4), axis=0)) == 6
