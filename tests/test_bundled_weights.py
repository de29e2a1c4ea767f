import sysconfig
from pathlib import Path

from netspatial import bundled_weights as module
from netspatial.bundled_weights import shipped


def test_a_checkout_finds_its_weights() -> None:
    assert (shipped("encoders", "satvit") / "weights.safetensors").is_file()


def test_without_a_checkout_the_weights_are_where_the_wheel_put_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(module, "_CHECKOUT", tmp_path / "none")
    data = Path(sysconfig.get_path("data"))
    assert shipped("context", "default") == data / "share" / "netspatial" / "context" / "default"
