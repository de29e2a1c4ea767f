"""Fixtures: tiny random models on disk, loaded as a user's checkpoints are."""

# ruff: noqa: PLC0415  heavy libraries load for the tests that need them alone

import json
from pathlib import Path

import pytest
import torch

UNKNOWN = {"unk_token": "[UNK]"}
SPECIAL = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", **UNKNOWN}
TEXTS = [
    "Restaurant at 12 Station Road",
    "School in a quiet street",
    "Stadium beside the motorway with many bars and two hotels around",
    "Shop",
    "Office tower at 3 Market Square",
]


@pytest.fixture
def texts() -> list[str]:
    """Texts of different lengths."""
    return TEXTS


@pytest.fixture
def tiny_clip_shape() -> dict:
    """The architecture of `open_clip_folder`."""
    return OPEN_CLIP_TINY


def tokenizer(folder: Path):
    """A word-level tokenizer over `TEXTS` that puts [CLS] in front, as Llama puts its BOS."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = sorted({word for text in TEXTS for word in text.split()})
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    inner = Tokenizer(models.WordLevel(vocabulary, **UNKNOWN))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing(
        single="[CLS] $A", special_tokens=[("[CLS]", 2)]
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=inner,
        model_max_length=64,
        **SPECIAL,
    )
    wrapped.save_pretrained(folder)
    return wrapped


@pytest.fixture(scope="session")
def llama_folder(tmp_path_factory) -> Path:
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("llama")
    words = tokenizer(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def sentence_folder(tmp_path_factory) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    inner = tmp_path_factory.mktemp("bert")
    words = tokenizer(inner)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(inner)
    transformer = Transformer(str(inner))
    folder = tmp_path_factory.mktemp("sentence")
    SentenceTransformer(modules=[transformer, Pooling(32, pooling_mode="mean")], device="cpu").save(
        str(folder)
    )
    return folder


@pytest.fixture(scope="session")
def vit_folder(tmp_path_factory) -> Path:
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    folder = tmp_path_factory.mktemp("vit")
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=32,
        patch_size=8,
    )
    ViTModel(config).save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


OPEN_CLIP_TINY = {
    "embed_dim": 24,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "head_width": 16, "patch_size": 8},
    "text_cfg": {"context_length": 16, "vocab_size": 64, "width": 32, "heads": 2, "layers": 1},
}


@pytest.fixture(scope="session")
def open_clip_folder(tmp_path_factory) -> Path:
    """A folder with config and weights; the architecture "tiny" is registered too."""
    import open_clip
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("clip")
    (folder / "tiny.json").write_text(json.dumps(OPEN_CLIP_TINY))
    open_clip.add_model_config(folder / "tiny.json")
    torch.manual_seed(0)
    model = open_clip.create_model("tiny")
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / "open_clip_model.safetensors")
    torch.save({"state_dict": state}, folder / "tiny.pt")
    described = {
        "model_cfg": OPEN_CLIP_TINY,
        "preprocess_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]},
    }
    (folder / "open_clip_config.json").write_text(json.dumps(described))
    return folder


@pytest.fixture(scope="session")
def satvit_folder(tmp_path_factory) -> Path:
    from netspatial.context.encoders.satvit_folder import write_satvit
    from netspatial.context.encoders.satvit_network import SatVit, SatVitConfig

    folder = tmp_path_factory.mktemp("weights") / "satvit"
    torch.manual_seed(0)
    network = SatVit(SatVitConfig(side=32, width=32, depth=2, heads=2, stem=16))
    write_satvit(folder, network, {"seed": 0}, "# Tiny")
    return folder


@pytest.fixture
def offline(monkeypatch) -> None:
    """Make the hub's client work without internet."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
