"""The card of a trained context: what it is, what it learned from, and how far to trust it."""

from typing import Any

from netspatial.context.features.extractor import FeatureExtractor
from netspatial.context.training.fusion_training import Recipe
from netspatial.weights import licence_of_weights


def write_card(extractor: FeatureExtractor, recipe: Recipe, facts: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    reading = extractor.reading
    licences = sorted(
        {
            f"{part} {licence}"
            for city in (*facts["cities"], *facts["held_out"])
            for part, licence in city["licences"].items()
        }
    )
    metadata = [name for city in facts["cities"] for name in city["licences"].values()]
    provenances = " and ".join(sorted({city["provenance"] for city in facts["cities"]}))
    return f"""# Context: a place's surroundings as {recipe.d} numbers

What it reads: a satellite patch of {reading.patch_m:g} m through the frozen encoder
`{extractor.vision.name}` (licence {extractor.vision.licence}), the {reading.at_most} nearest points of
interest within {reading.radius_m:g} m in words (`{reading.wording}`) through the frozen encoder
`{extractor.text.name}` (licence {extractor.text.licence}), and counts of POIs by kind in rings up to
{max(reading.rings_m):g} m. What it gives: an embedding z of unit length. A missing image or
missing POIs are replaced by a learned mask token.

Only the fusion is trained here (design `{recipe.design}`, objective `{recipe.objective}`,
whitening `{recipe.whiten}`, seed {recipe.seed}), by `netspatial train-context`; this training saw
{_teachers(facts)} no land-use labels. What the frozen encoders learned from stands in their own
cards.

## Learned from

{facts["places"]} places of {len(facts["cities"])} {provenances} cities:
{_names(facts["cities"])}.

Data licences: {", ".join(licences)}.
{licence_of_weights(metadata)}

## Measured on held-out cities

{facts["held_out_places"]} places of {_names(facts["held_out"])}.

| measure | value |
| --- | --- |
| held-out loss (best of {facts["epochs"]} epochs, epoch {facts["best_epoch"]}) \
| {facts["held_out_loss"]} |
| effective rank of z (of {recipe.d}) | {facts["effective_rank"]} |
| cosine between two places, mean ± sd | {facts["cosine_mean"]} ± {facts["cosine_std"]} |

Whether z tells land use, and what happens when data is thinned, is measured by
`netspatial bench context`.

## Limits

What it learned from {provenances} cities carries over to other imagery as far as the frozen
encoders do. POIs are counted as mapped: where a map has gaps, z knows less.
"""


def _teachers(facts: dict[str, Any]) -> str:
    """What else than places was seen: nothing, or the traffic of stations afterwards."""
    if "traffic" not in facts:
        return "no traffic and"
    traffic = facts["traffic"]
    return (
        f"no traffic. It was then trained on together with a generator, for {traffic['steps']} "
        f"steps on the {traffic['provenance']} traffic ({traffic['service']}) of "
        f"{traffic['stations']} stations of {len(traffic['cities'])} cities (traffic licences: "
        f"{', '.join(traffic['licences'])}), which changed the measures below. It saw"
    )


def _names(cities: list[dict[str, Any]]) -> str:
    return ",\n".join(city["name"] for city in cities)
