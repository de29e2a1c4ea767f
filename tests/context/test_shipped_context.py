"""The context that comes with NetSpatial: whole, small, and bound to the encoders that are here."""

import numpy as np

from netspatial.context.embed import DEFAULT, embed, load_context


def test_it_is_small_and_its_card_names_data_and_licences():
    assert sum(path.stat().st_size for path in DEFAULT.iterdir()) < 4_000_000
    card = (DEFAULT / "card.md").read_text()
    for words in ("Simulated city", "CC0-1.0", "Apache-2.0", "effective rank", "Limits"):
        assert words in card


def test_it_fits_the_encoders_that_are_here(small_city, tmp_path, monkeypatch):
    monkeypatch.setenv("NETSPATIAL_CACHE", str(tmp_path))
    context = embed(small_city, small_city.stations)
    assert context.z.shape == (6, 128)
    assert context.fingerprint == load_context().fingerprint
    assert np.isfinite(context.z).all()
    assert len(np.unique(context.z.round(4), axis=0)) == 6
