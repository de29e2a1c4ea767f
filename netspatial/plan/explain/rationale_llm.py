"""Rationale of a site, written by a local language model from the facts alone.

Optional: text with a number that is not among the facts is discarded.
"""

import re
from collections.abc import Callable
from pathlib import Path

from netspatial.errors import BadInput, MissingPart
from netspatial.plan.explain.rationale_text import rationale
from netspatial.plan.explain.site_facts import SiteFacts

Narrator = Callable[[str], str]
"""From a prompt to the language model's continuation."""

PREFIX = "llm:"
MAX_TOKENS = 220

WORDS = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
FIRST_WORD = 2
"""Number words are checked from "two" on; "one" is often a pronoun."""

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"\b\d{1,2}:\d{2}\b|\b(?=[\w-]*\d)(?=[\w-]*[A-Za-z-])\w+(?:-[\w.]+)*\b")
"""Hours of the day, and names with digits such as station and cell ids."""


def prompt(facts: SiteFacts) -> str:
    """Return the prompt, which contains the facts of the site and nothing else.

    Parameters
    ----------
    facts : SiteFacts
        Facts of the site.

    Returns
    -------
    str
    """
    listed = "\n".join(f"- {fact}" for fact in re.split(r"(?<=[.;]) ", rationale(facts)))
    return (
        "You are a radio planner. Explain in one short paragraph why this site was selected. "
        "Use only the facts below, and no number that is not among them.\n\n"
        f"Facts:\n{listed}\n\nParagraph:"
    )


def narrated(facts: SiteFacts, narrator: Narrator) -> str | None:
    """Return the model's paragraph, or None if it is empty or has numbers that are no facts.

    Parameters
    ----------
    facts : SiteFacts
        Facts of the site.
    narrator : function from str to str
        A language model as a function from prompt to text.

    Returns
    -------
    str or None
    """
    text = " ".join(narrator(prompt(facts)).split())
    return text if text and not invented(text, rationale(facts)) else None


def invented(text: str, source: str) -> list[str]:
    """Return the numbers and numbered names of `text` that are not in `source`.

    Parameters
    ----------
    text : str
        Text of a language model.
    source : str
        Text of the facts.

    Returns
    -------
    list of str

    Examples
    --------
    >>> invented("It carries 12 GB/h, twice as much.", "The mean is 12 GB/h.")
    []
    >>> invented("It carries 13 GB/h.", "The mean is 12 GB/h.")
    ['13']
    """
    numbers, names = _numbers(source), set(_NAME.findall(source))
    unknown = [name for name in _NAME.findall(text) if name not in names]
    left = _NAME.sub(" ", text)
    unknown += [found for found in _NUMBER.findall(left) if _value(found) not in numbers]
    spelled = re.findall(r"[a-z]+", left.lower())
    return unknown + [
        word
        for word in spelled
        if word in WORDS[FIRST_WORD:] and float(WORDS.index(word)) not in numbers
    ]


def narrator_named(explain: str) -> Narrator | None:
    """Return the language model that a plan's `explain` names; None where rules explain.

    Parameters
    ----------
    explain : str
        "rules", or "llm:" and a hub id or folder of a local language model.

    Returns
    -------
    function from str to str, or None

    Raises
    ------
    BadInput
        If `explain` names no language model.
    MissingPart
        If the model or its libraries are not on this machine.

    Examples
    --------
    >>> narrator_named("rules") is None
    True
    """
    check_narrator(explain)
    return None if explain == "rules" else _local_model(explain.removeprefix(PREFIX))


def check_narrator(explain: str) -> None:
    """Raise where a plan's `explain` names nothing that could explain it.

    Parameters
    ----------
    explain : str
        As in `narrator_named`.

    Raises
    ------
    BadInput
        If `explain` is neither "rules" nor "llm:" and a name.
    MissingPart
        If the model is not on this machine.
    """
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
    """Return the local folder of the language model that `explain` names, or None.

    Its content is part of the run's inputs, as the text depends on it.

    Parameters
    ----------
    explain : str
        As in `narrator_named`.

    Returns
    -------
    Path or None
    """
    from netspatial.context.encoders.hub import on_this_machine  # noqa: PLC0415  light start-up

    source = explain.removeprefix(PREFIX)
    return on_this_machine(source) if explain.startswith(PREFIX) and source else None


def _local_model(source: str) -> Narrator:
    """Load a local causal language model with greedy, deterministic decoding."""
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

    def narrate(asked: str) -> str:
        chat = getattr(model.tokenizer, "chat_template", None) is not None
        given = [{"role": "user", "content": asked}] if chat else asked
        answer = model(given, max_new_tokens=MAX_TOKENS, do_sample=False, return_full_text=False)
        return str(answer[0]["generated_text"])

    return narrate


def _numbers(text: str) -> set[float]:
    """Return the numbers of a text, in digits or words, without those in names."""
    left = _NAME.sub(" ", text)
    spelled = [word for word in re.findall(r"[a-z]+", left.lower()) if word in WORDS]
    return {_value(found) for found in _NUMBER.findall(left)} | {
        float(WORDS.index(word)) for word in spelled
    }


def _value(number: str) -> float:
    return float(number.replace(",", ""))
