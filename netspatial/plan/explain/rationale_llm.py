"""Why a site was chosen, worded by a local language model that is given only the facts.

Optional, beside `rationale`: every number in the model's text is looked up among the facts, and
text that names another one is not used.
"""

import re
from collections.abc import Callable
from pathlib import Path

from netspatial.errors import BadInput, MissingPart
from netspatial.plan.explain.rationale_text import rationale
from netspatial.plan.explain.site_facts import Facts

Narrator = Callable[[str], str]
"""From a prompt to the text that a language model continues it with."""

PREFIX = "llm:"
MOST_TOKENS = 220

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve")  # fmt: skip
FIRST_WORD = 2
"""The word "one" is mostly no number; from two on they are looked up."""

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"\b\d{1,2}:\d{2}\b|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z-])\w+(?:-[\w.]+)*\b")
"""Hours of the day, and names with a number in them such as those of stations and cells."""


def prompt(facts: Facts) -> str:
    """Return what the model is asked, with the facts and nothing else to go by."""
    listed = "\n".join(f"- {fact}" for fact in re.split(r"(?<=[.;]) ", rationale(facts)))
    return (
        "You are a radio planner. Explain in one short paragraph why this site was chosen. "
        "Use only the facts below, and no number that is not among them.\n\n"
        f"Facts:\n{listed}\n\nParagraph:"
    )


def narrated(facts: Facts, narrator: Narrator) -> str | None:
    """Return the model's paragraph, or None where it is empty or names what is no fact."""
    text = " ".join(narrator(prompt(facts)).split())
    return text if text and not invented(text, rationale(facts)) else None


def invented(text: str, source: str) -> list[str]:
    """Return the numbers and numbered names of `text` that `source` does not hold."""
    numbers, names = _numbers(source), set(_NAME.findall(source))
    strangers = [name for name in _NAME.findall(text) if name not in names]
    left = _NAME.sub(" ", text)
    strangers += [found for found in _NUMBER.findall(left) if _value(found) not in numbers]
    spelled = re.findall(r"[a-z]+", left.lower())
    return strangers + [
        word
        for word in spelled
        if word in WORDS[FIRST_WORD:] and float(WORDS.index(word)) not in numbers
    ]


def narrator_named(explain: str) -> Narrator | None:
    """Return the language model that a plan's `explain` names; None where rules explain."""
    check_narrator(explain)
    return None if explain == "rules" else _local_model(explain.removeprefix(PREFIX))


def check_narrator(explain: str) -> None:
    """Raise where a plan's `explain` names nothing that could explain it."""
    if explain == "rules":
        return
    if not explain.startswith(PREFIX) or explain == PREFIX:
        raise BadInput(
            f"A plan cannot be explained by '{explain}'; give 'rules', or 'llm:' and a hub id or "
            "folder of a language model."
        )
    from netspatial.context.encoders.hub import located  # noqa: PLC0415  light start-up

    located(explain.removeprefix(PREFIX), PREFIX.removesuffix(":"))


def narrator_files(explain: str) -> Path | None:
    """Return the folder of the language model that `explain` names; None where there is none here.

    What is worded changes with its content.
    """
    from netspatial.context.encoders.hub import on_this_machine  # noqa: PLC0415  light start-up

    source = explain.removeprefix(PREFIX)
    return on_this_machine(source) if explain.startswith(PREFIX) and source else None


def _local_model(source: str) -> Narrator:
    """Load a causal language model of this machine; its text is the likeliest, always the same."""
    from netspatial.context.encoders.hub import loading, located  # noqa: PLC0415  brings torch

    name = located(source, PREFIX.removesuffix(":"))
    try:
        from transformers import pipeline  # noqa: PLC0415  takes seconds to import
    except ImportError as error:
        raise MissingPart(
            "A language model needs transformers and torch: pip install transformers torch."
        ) from error
    with loading(name):
        model = pipeline("text-generation", model=name, model_kwargs={"use_safetensors": True})

    def tell(asked: str) -> str:
        chat = getattr(model.tokenizer, "chat_template", None) is not None
        given = [{"role": "user", "content": asked}] if chat else asked
        answer = model(given, max_new_tokens=MOST_TOKENS, do_sample=False, return_full_text=False)
        return str(answer[0]["generated_text"])

    return tell


def _numbers(text: str) -> set[float]:
    """Numbers of the facts, in digits or spelled, numbered names aside."""
    left = _NAME.sub(" ", text)
    spelled = [word for word in re.findall(r"[a-z]+", left.lower()) if word in WORDS]
    return {_value(found) for found in _NUMBER.findall(left)} | {
        float(WORDS.index(word)) for word in spelled
    }


def _value(number: str) -> float:
    return float(number.replace(",", ""))
