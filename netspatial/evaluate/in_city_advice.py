"""Advice from a cross-validation inside a city: use measured stations, fine-tune, or measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from netspatial.evaluate.in_city import OURS, OWN_RESIDUALS, ZERO_SHOT, InCityRow

MIN_GAIN = 2.0
"""Per cent of CRPS below which two models count as equal."""
ENOUGH_TO_FINETUNE = 50
"""Stations from which on fine-tuning is worth it."""
TOLERANCE = 0.03
"""Difference from 90 % within which the ranges count as right."""

Verdict = Literal["use measured", "fine-tune", "too few stations"]

RULE = (
    "Rule, by the CRPS of spatial blocks: if the measured stations gain more than "
    f"{MIN_GAIN:.0f} % over the model alone and no baseline is more than {MIN_GAIN:.0f} % better, "
    "use them; if a baseline is better, fine-tune, which needs about "
    f"{ENOUGH_TO_FINETUNE} stations; otherwise there are too few stations."
)


@dataclass(frozen=True)
class Advice:
    """What to do in this city.

    sentence : advice with its reason; ranges : whether the 90 % ranges are right
    gain     : CRPS lower than that of the model alone, per cent
    lead     : CRPS lower than that of the best baseline, per cent; baseline : its name
    """

    verdict: Verdict
    sentence: str
    ranges: str
    gain: float
    lead: float
    baseline: str
    rule: str = RULE


def advise(rows: Sequence[InCityRow], stations: int) -> Advice:
    """Return the advice that the rows of one protocol with all stations imply."""
    everything = [row for row in rows if row.support == "all"] or list(rows)
    judged = [row for row in everything if row.split == "blocks"] or everything
    by_model = {row.model: row for row in judged}
    ours = by_model[OURS]
    best = min(
        (row for row in judged if row.model not in {OURS, ZERO_SHOT, OWN_RESIDUALS}),
        key=lambda row: row.crps,
    )
    gain = 100 * (1 - ours.crps / by_model[ZERO_SHOT].crps)
    lead = 100 * (1 - ours.crps / best.crps)
    verdict, sentence = _verdict(gain, lead, best.model, stations)
    return Advice(verdict, sentence, _on_ranges(ours), gain, lead, best.model)


def _verdict(gain: float, lead: float, baseline: str, stations: int) -> tuple[Verdict, str]:
    if lead < -MIN_GAIN and stations >= ENOUGH_TO_FINETUNE:
        return "fine-tune", (
            f"Fine-tune the generator on this city: '{baseline}' has {-lead:.0f} % less error "
            "(CRPS) than the estimate from the measured stations."
        )
    if lead < -MIN_GAIN:
        return "too few stations", (
            f"Measure more stations: {stations} are too few to fine-tune, and '{baseline}' has "
            f"{-lead:.0f} % less error (CRPS) than the estimate from them."
        )
    if gain <= MIN_GAIN:
        error = "the error (CRPS) of the model alone"
        effect = (
            f"hardly change {error}" if gain >= -MIN_GAIN else f"raise {error} by {-gain:.0f} %"
        )
        return "too few stations", f"Measure more stations: the {stations} measured ones {effect}."
    standing = (
        f"by {lead:.0f} % against the best baseline, '{baseline}'"
        if lead > MIN_GAIN
        else f"are as good as the best baseline, '{baseline}'"
    )
    return "use measured", (
        f"Use the measured stations: they lower the error (CRPS) by {gain:.0f} % against the model "
        f"alone and {standing}."
    )


def _on_ranges(row: InCityRow) -> str:
    if row.cov90 is None:
        return "The ranges of this estimate cannot be checked."
    held = f"The 90 % ranges contain {100 * row.cov90:.0f} % of the measured hours"
    if abs(row.cov90 - 0.9) <= TOLERANCE:
        return f"{held}, as they should."
    return f"{held}: they are too {'narrow' if row.cov90 < 0.9 else 'wide'}."
