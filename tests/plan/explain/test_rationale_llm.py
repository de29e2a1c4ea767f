"""A rationale by a language model is used only if it invents no numbers."""
# ruff: noqa: PLC0415  heavy libraries are imported by the tests that need them

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspatial.errors import BadInput, MissingPart
from netspatial.plan import PlanSettings, make_plan
from netspatial.plan.explain.rationale_llm import invented, narrated, narrator_named, prompt
from netspatial.plan.explain.rationale_text import rationale
from tests.plan.explain.test_rationale_text import FACTS
from tests.plan.made_up import made_up_cells, made_up_traffic

TRUE = "It beats 87 % of the cells, carries 18.3 GB/h and stands 420 m from BS00012."


def test_text_that_keeps_to_the_facts_is_used():
    assert narrated(FACTS, lambda _asked: f"  {TRUE}\n") == TRUE


@pytest.mark.parametrize(
    "lie",
    [
        "It carries 19 GB/h.",
        "It carries 18.31 GB/h.",
        "It carries -18.3 GB/h.",
        "It stands near BS00013.",
        "Cell 32632-100-5150-50301 comes next.",
        "Six schools are near.",
        "",
        "   ",
    ],
)
def test_text_that_invents_a_number_or_says_nothing_is_not(lie):
    assert narrated(FACTS, lambda _asked: lie) is None


def test_numbers_may_be_written_in_other_forms():
    assert invented("1200 of 3", "1,200 of three") == []
    assert invented("four of sixteen", "4") == []
    assert invented("about 1.20", "1.2") == []


@given(st.integers(13, 10**6))
def test_any_other_number_is_detected(value):
    said = f"It serves {value} people."
    true = {word.strip("().,;") for word in rationale(FACTS).split()}
    assert bool(invented(said, rationale(FACTS))) == (str(value) not in true)


def test_the_model_is_given_the_facts_and_nothing_else():
    asked = prompt(FACTS)
    assert FACTS.cell_id not in asked
    given_facts = re.findall(r"^- (.*)$", asked, re.MULTILINE)
    assert " ".join(given_facts) == rationale(FACTS)


def test_a_plan_states_the_author_of_each_rationale():
    cells = made_up_cells()
    prompts = []

    def honest_once(asked: str) -> str:
        prompts.append(asked)
        return "A good place." if len(prompts) == 1 else "It serves 123456 people."

    plan = make_plan(cells, made_up_traffic(cells), PlanSettings(sites=3), narrator=honest_once)
    assert list(plan.sites["worded_by"]) == ["model", "rules", "rules"]
    assert plan.sites["rationale"].iloc[0] == "A good place."
    assert plan.sites["rationale"].iloc[1] == rationale(plan.facts[1])
    assert any("For 2 of 3 sites the language model's text" in note for note in plan.notes)


def test_explain_is_rules_or_llm():
    assert narrator_named("rules") is None
    for wrong in ("llm:", "gpt", ""):
        with pytest.raises(BadInput, match="give 'rules', or 'llm:'"):
            narrator_named(wrong)
    with pytest.raises(MissingPart, match="no model folder"):
        narrator_named("llm:/nowhere/model")


def test_without_transformers_the_error_has_the_install_command(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingPart, match="pip install transformers"):
        narrator_named(f"llm:{tmp_path}")


def test_a_local_model_is_loaded_and_deterministic(tmp_path):
    """A tiny untrained model runs offline and returns the same text twice."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

    names = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    words = {word: n for n, word in enumerate([*names.values(), "site", "good", "is", "a"])}
    inner = Tokenizer(models.WordLevel(words, "<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(tokenizer_object=inner, **names).save_pretrained(tmp_path)
    set_seed(0)
    shape = LlamaConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=1024,
    )
    LlamaForCausalLM(shape).save_pretrained(tmp_path)
    narrate = narrator_named(f"llm:{tmp_path}")
    assert narrate is not None
    said = narrate(prompt(FACTS))
    assert said == narrate(prompt(FACTS))
    assert set(said.split()) <= set(words)
