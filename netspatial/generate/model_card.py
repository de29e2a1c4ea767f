"""The model card beside a generator's weights: training data, licences, scores and date."""

from datetime import UTC, datetime

from netspatial.generate.data import TrainingSet
from netspatial.generate.presets import Preset
from netspatial.generate.training import Trained
from netspatial.plain_text import in_markdown
from netspatial.weights import licence_of_weights

NAMED = 8
"""Most sources that are listed by name."""


def write_card(data: TrainingSet, preset: Preset, trained: Trained, ancestor: str | None) -> str:
    """Return the card as Markdown. ancestor : fingerprint of the model that was fine-tuned."""
    parameters = sum(p.numel() for p in trained.model.parameters())
    scores = trained.validation
    steps = trained.log[-1].step
    held = f"{scores['held_out']:.0f} held-out stations"
    lines = [
        f"# Traffic generator `{preset.name}`",
        "",
        "Generates hourly mobile traffic for a place from its context embedding, by",
        "hierarchical flow matching. Its output is labelled `generated` and must not be presented",
        "as measured.",
        "",
        f"- date: {datetime.now(UTC).date().isoformat()}",
        f"- parameters: {parameters:,}",
        (
            f"- trained on: {len(data):,} stations, {data.x.shape[1]} hours each, "
            f"**{data.provenance}** traffic in {in_markdown(data.unit)}"
        ),
        f"- sources: {in_markdown(_few(data.sources))}",
        f"- licences of the data: {in_markdown(', '.join(data.licences) or 'not stated')}",
        f"- {licence_of_weights(data.licences or ('not stated',))}",
        f"- context encoder: {data.context_fingerprint}",
        f"- training: {steps:,} steps of {preset.batch} series",
        (
            f"- {held}: CRPS {scores['crps']:.4f} of their mean traffic, 90 % intervals cover "
            f"{100 * scores['cov90']:.1f} % (19 samples)"
        ),
    ]
    if ancestor is not None:
        lines.append(f"- fine-tuned from model {ancestor}")
    lines.extend(f"- note: {in_markdown(note)}" for note in data.notes)
    return "\n".join(lines) + "\n"


def _few(names: tuple[str, ...]) -> str:
    """Return all names of a short list; the first, the last and the number of a long one."""
    if len(names) <= NAMED:
        return ", ".join(names)
    return f"{len(names)}, from {names[0]} to {names[-1]}"
