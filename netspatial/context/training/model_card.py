"""The model card of a trained context: training data, scores and limits."""

from typing import Any

from netspatial.context.features.extractor import FeatureExtractor
from netspatial.context.training.fusion_training import FusionTrainConfig
from netspatial.weights import licence_of_weights


def write_card(
    extractor: FeatureExtractor, recipe: FusionTrainConfig, facts: dict[str, Any]
) -> str:
    """Return the card as Markdown."""
    reading = extractor.reading
    licences = sorted(
        {
            f"{part} {licence}"
            for city in (*facts["cities"], *facts["held_out"])
            for part, licence in city["licences"].items()
        }
    )
    data_licences = [name for city in facts["cities"] for name in city["licences"].values()]
    provenances = " and ".join(sorted({city["provenance"] for city in facts["cities"]}))
    return f"""# Context: a place's surroundings as {recipe.d} numbers

Input: a satellite patch of {reading.patch_m:g} m through the frozen encoder
`{extractor.vision.name}` (licence {extractor.vision.licence}), the {reading.at_most} nearest points
of interest within {reading.radius_m:g} m in words (`{reading.wording}`) through the frozen encoder
`{extractor.text.name}` (licence {extractor.text.licence}), and counts of POIs by kind in rings up
to {max(reading.rings_m):g} m. Output: an embedding z of unit length. A missing image or
missing POIs are replaced by a learned mask token.

Only the fusion is trained here (design `{recipe.design}`, objective `{recipe.objective}`,
whitening `{recipe.whiten}`, seed {recipe.seed}), by `netspatial train-context`; this training saw
{_other_data(facts)} no land-use labels. The training data of the frozen encoders are listed in
their own cards.

## Training data

{facts["places"]} places of {len(facts["cities"])} {provenances} cities:
{_names(facts["cities"])}.

Data licences: {", ".join(licences)}.
{licence_of_weights(data_licences)}

## Scores on held-out cities

{facts["held_out_places"]} places of {_names(facts["held_out"])}.

| metric | value |
| --- | --- |
| held-out loss (best of {facts["epochs"]} epochs, epoch {facts["best_epoch"]}) \
| {facts["held_out_loss"]} |
| effective rank of z (of {recipe.d}) | {facts["effective_rank"]} |
| cosine between two places, mean ± sd | {facts["cosine_mean"]} ± {facts["cosine_std"]} |

`netspatial bench context` measures how well z predicts land use, also with missing POIs or imagery.

## Limits

Trained on {provenances} cities; it generalises to other imagery as far as the frozen encoders do.
POIs are counted as mapped: gaps in the map reduce the information in z.
"""


def _other_data(facts: dict[str, Any]) -> str:
    """Return the sentence part on other training data: none, or the traffic of stations."""
    if "traffic" not in facts:
        return "no traffic and"
    traffic = facts["traffic"]
    return (
        f"no traffic. It was then trained jointly with a generator, for {traffic['steps']} "
        f"steps on the {traffic['provenance']} traffic ({traffic['service']}) of "
        f"{traffic['stations']} stations of {len(traffic['cities'])} cities (traffic licences: "
        f"{', '.join(traffic['licences'])}), which changed the scores below. It saw"
    )


def _names(cities: list[dict[str, Any]]) -> str:
    return ",\n".join(city["name"] for city in cities)
