# ruff: noqa: PLC0415  heavy libraries load for the tests that need them alone
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from netspatial.bundled_weights import bundled
from netspatial.cli import app
from netspatial.context.encoders import TEXT, VISION, EncoderKind, load_text, load_vision
from netspatial.context.encoders.batches import equal_length_batches
from netspatial.errors import BadInput, MissingPart
from netspatial.randomness import stream

IMAGES = stream(0, "test", "images").integers(0, 256, (5, 48, 48, 3), dtype=np.uint8)


@pytest.fixture(
    params=["rcf", "satvit", "open_clip folder", "open_clip file", "open_clip pt", "hf"],
    scope="module",
)
def vision(request, open_clip_folder, vit_folder, satvit_folder):
    return load_vision(
        {
            "rcf": "rcf",
            "satvit": f"satvit:{satvit_folder}",
            "open_clip folder": f"open_clip:{open_clip_folder}",
            "open_clip file": f"open_clip:tiny:{open_clip_folder}/open_clip_model.safetensors",
            "open_clip pt": f"open_clip:tiny:{open_clip_folder}/tiny.pt",
            "hf": f"hf:{vit_folder}",
        }[request.param]
    )


@pytest.fixture(params=["hash", "st", "llm", "llm_last"], scope="module")
def text(request, sentence_folder, llama_folder):
    return load_text(
        {
            "hash": "hash",
            "st": f"st:{sentence_folder}",
            "llm": f"llm:{llama_folder}",
            "llm_last": f"llm_last:{llama_folder}",
        }[request.param]
    )


def test_every_vision_encoder_implements_the_protocol(vision):
    embedded = vision.encode(IMAGES)
    assert embedded.shape == (5, vision.dim)
    assert embedded.dtype == np.float32
    assert np.isfinite(embedded).all()
    assert np.linalg.matrix_rank(embedded) == 5  # different images differ
    assert vision.gsd_m > 0
    assert len(vision.fingerprint) >= 16
    assert vision.name
    assert vision.licence
    assert vision.encode(IMAGES[:0]).shape == (0, vision.dim)


def test_every_text_encoder_implements_the_protocol(text, texts):
    embedded = text.encode(texts)
    assert embedded.shape == (5, text.dim)
    assert embedded.dtype == np.float32
    assert np.isfinite(embedded).all()
    assert np.linalg.matrix_rank(embedded, tol=1e-4) == 5
    assert len(text.fingerprint) >= 16
    assert text.encode([]).shape == (0, text.dim)


def test_an_image_embedding_does_not_depend_on_its_batch(vision):
    together = vision.encode(IMAGES)
    alone = np.concatenate([vision.encode(image[None]) for image in IMAGES])
    order = [3, 0, 4, 1, 2]
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(vision.encode(IMAGES[order]), together[order], rtol=1e-4, atol=1e-4)


def test_a_text_embedding_does_not_depend_on_its_batch(text, texts):
    together = text.encode(texts)
    alone = np.concatenate([text.encode([one]) for one in texts])
    order = [3, 0, 4, 1, 2]
    # half precision has a relative error of about 1/250
    np.testing.assert_allclose(alone, together, atol=2e-2)
    np.testing.assert_allclose(text.encode([texts[i] for i in order]), together[order], atol=2e-2)


def test_a_checkpoint_gives_the_same_embedding_in_every_format(open_clip_folder):
    from_safetensors = load_vision(f"open_clip:tiny:{open_clip_folder}/open_clip_model.safetensors")
    from_torch = load_vision(f"open_clip:tiny:{open_clip_folder}/tiny.pt")
    assert from_safetensors.fingerprint == from_torch.fingerprint
    np.testing.assert_array_equal(from_safetensors.encode(IMAGES), from_torch.encode(IMAGES))


def test_fingerprints_depend_on_weights_and_preprocessing(vit_folder, tmp_path):
    import shutil

    changed = shutil.copytree(vit_folder, tmp_path / "changed")
    described = json.loads((changed / "preprocessor_config.json").read_text())
    described["image_mean"] = [0.1, 0.2, 0.3]
    (changed / "preprocessor_config.json").write_text(json.dumps(described))
    one, same, other = (load_vision(f"hf:{folder}") for folder in (vit_folder, vit_folder, changed))
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint


@given(
    st.lists(st.integers(1, 40), max_size=60),
    st.integers(1, 200),
)
def test_batches_have_every_text_once_and_one_length_each(lengths, tokens):
    batches = list(equal_length_batches(lengths, tokens))
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[position] for position in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= tokens


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_hashed_text_has_unit_length_or_no_words(text):
    encoded = load_text("hash").encode([text])
    assert np.linalg.norm(encoded) == pytest.approx(1, abs=1e-5) or not encoded.any()


def test_hashed_text_ignores_case_and_depends_on_word_order():
    encoded = load_text("hash").encode(["Bar by the Sea", "bar BY the sea", "sea by the bar"])
    np.testing.assert_array_equal(encoded[0], encoded[1])
    assert 0.4 < encoded[0] @ encoded[2] < 0.99


def test_the_mean_of_a_language_model_leaves_out_its_first_token(llama_folder):
    """The embedding of a text of one word is the hidden state of that word."""
    from netspatial.context.encoders.causal import load_causal

    model, tokenizer = load_causal(str(llama_folder), "llm")
    ids = tokenizer(["Shop"], return_tensors="pt")["input_ids"]
    assert ids.shape == (1, 2)  # BOS and the word
    states = model(input_ids=ids, output_hidden_states=True).hidden_states
    # 4 layers, 70 % of the depth
    expected = states[3][0, 1].float().detach().numpy()
    encoded = load_text(f"llm:{llama_folder}").encode(["Shop"])[0]
    np.testing.assert_allclose(encoded, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("choice", "kind", "words"),
    [
        ("nope", BadInput, "known ones are rcf, satvit, open_clip, hf"),
        ("rcf:7", BadInput, "takes no argument"),
        ("open_clip:NoSuchModel:x.pt", BadInput, "knows no model 'NoSuchModel'"),
        ("open_clip:ViT-B-32:missing.pt", MissingPart, "'missing.pt' is neither"),
        ("open_clip:tiny", BadInput, "no public weights"),
        ("hf:", BadInput, "does not say which model"),
        ("hf:./no-such-folder", MissingPart, "no model folder"),
        ("hf:nobody/no-such-model-here", MissingPart, "not in the local cache"),
        ("satvit:nowhere", MissingPart, "holds no satvit model"),
    ],
)
@pytest.mark.usefixtures("open_clip_folder", "offline")
def test_wrong_vision_encoders_are_refused(choice, kind, words):
    with pytest.raises(kind, match=words):
        load_vision(choice)


@pytest.mark.parametrize(
    ("choice", "kind", "words"),
    [
        ("nope", BadInput, "known ones are minilm, st, llm, llm_last, hash"),
        ("hash:9", BadInput, "takes no argument"),
        ("st:nobody/no-such-model-here", MissingPart, "not in the local cache"),
        ("llm:nobody/no-such-model-here", MissingPart, "not in the local cache"),
        ("minilm:./no-such-folder", MissingPart, "no model folder"),
    ],
)
@pytest.mark.usefixtures("offline")
def test_wrong_text_encoders_are_refused(choice, kind, words):
    with pytest.raises(kind, match=words):
        load_text(choice)


def test_a_checkpoint_of_another_shape_is_refused(open_clip_folder, tiny_clip_shape, tmp_path):
    import open_clip

    wider = {**tiny_clip_shape, "vision_cfg": {**tiny_clip_shape["vision_cfg"], "width": 48}}
    (tmp_path / "wider.json").write_text(json.dumps(wider))
    open_clip.add_model_config(tmp_path / "wider.json")
    with pytest.raises(BadInput, match="does not hold a model that can be loaded here"):
        load_vision(f"open_clip:wider:{open_clip_folder}/tiny.pt")


@pytest.mark.usefixtures("open_clip_folder")
def test_a_checkpoint_with_pickled_code_is_not_opened(tmp_path):
    import pickle

    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "trap.pt").write_bytes(pickle.dumps({"weight": Trap()}, protocol=2))
    with pytest.raises(BadInput, match="is not opened"):
        load_vision(f"open_clip:tiny:{tmp_path}/trap.pt")
    assert not (tmp_path / "sprung").exists()


def test_another_model_is_not_loaded_as_minilm(sentence_folder):
    with pytest.raises(BadInput, match="is not all-MiniLM-L6-v2"):
        load_text(f"minilm:{sentence_folder}")


def test_minilm_of_the_package_gives_similar_texts_similar_embeddings():
    minilm = load_text("minilm")
    bar, pub, school = minilm.encode(["a bar", "a pub with beer", "a primary school"])
    assert minilm.dim == 384
    assert bar @ pub > bar @ school + 0.1


def test_minilm_equals_sentence_transformers_on_the_same_files():
    from netspatial.context.encoders import minilm, sentence_transformer

    theirs = sentence_transformer.SentenceEncoder(
        "theirs", "", sentence_transformer.opened(str(minilm._packaged()))
    )
    texts = ["Café Über, 12 Station Road", "school", "", "a long way " * 200, "school"]
    ours = load_text("minilm")
    np.testing.assert_allclose(ours.encode(texts), theirs.encode(texts), atol=1e-6)
    assert ours.encode([]).shape == (0, 384)


def test_minilm_is_the_encoder_that_the_bundled_context_was_trained_on():
    config = json.loads((bundled("context", "default") / "config.json").read_text())
    assert load_text("minilm").fingerprint == config["encoders"]["text"]["fingerprint"]


def test_a_folder_without_its_tokenizer_is_refused(tmp_path):
    from netspatial.context.encoders import minilm

    for name in ("model.safetensors", "config.json"):
        (tmp_path / name).symlink_to(minilm._packaged() / name)
    with pytest.raises(MissingPart, match=r"has no tokenizer\.json"):
        load_text(f"minilm:{tmp_path}")


def test_encoders_are_listed():
    shown = CliRunner().invoke(app, ["encoders", "--json"])
    assert shown.exit_code == 0, shown.output
    names = {kind["name"] for kind in json.loads(shown.output)["encoders"]}
    assert names == {*VISION, *TEXT}
    assert "satvit" in CliRunner().invoke(app, ["encoders"]).output


def test_an_encoder_is_added_by_a_module_and_an_entry(monkeypatch):
    import sys
    from types import SimpleNamespace

    class Blank:
        name, dim, gsd_m, licence, fingerprint = "blank", 2, 10.0, "MIT", "0"

        def encode(self, images):
            return np.zeros((len(images), 2), dtype=np.float32)

    monkeypatch.setitem(sys.modules, "blank", SimpleNamespace(build=lambda _argument: Blank()))
    monkeypatch.setitem(
        VISION, "blank", EncoderKind("blank", "blank", "nothing", "2", "MIT", "none")
    )
    assert load_vision("blank").encode(IMAGES).shape == (5, 2)
    assert "blank" in CliRunner().invoke(app, ["encoders"]).output
