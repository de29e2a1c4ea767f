import sysconfig
from pathlib import Path

from netspatial import bundled_weights as module
from netspatial.bundled_weights import app_root, bundled


def test_a_checkout_finds_its_weights_and_its_app() -> None:
    assert (bundled("encoders", "satvit") / "weights.safetensors").is_file()
    assert (app_root() / "app.py").is_file()


def test_without_a_checkout_the_weights_are_in_the_installed_wheel(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "_CHECKOUT", tmp_path / "none")
    installed = Path(sysconfig.get_path("data")) / "share" / "netspatial"
    assert app_root() == installed
    assert bundled("context", "default") == installed / "assets" / "context" / "default"
