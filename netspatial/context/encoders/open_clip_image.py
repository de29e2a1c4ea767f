"""`open_clip`: the image tower of any OpenCLIP model, from the hub, a checkpoint file or a folder.

RemoteCLIP and GeoRSCLIP are checkpoint files of standard architectures:
"open_clip:ViT-B-32:RemoteCLIP-ViT-B-32.pt". Checkpoints are loaded as safetensors or with torch's
weights-only loader; nothing is unpickled.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from netspatial.arrays import Floats32
from netspatial.context.encoders.fingerprint import fingerprint
from netspatial.context.encoders.hub import loading
from netspatial.context.encoders.pixels import ImagePreprocessing, encode_in_batches
from netspatial.errors import BadInput, MissingPart

PATCH_M = 640.0
"""Side of the area that an input image covers, metres: the default side of a context patch."""


class OpenClipImageEncoder:
    """Projected image embeddings of a frozen OpenCLIP model, not normalised."""

    licence = "that of the weights you named"

    def __init__(self, name: str, model: Any) -> None:
        visual = model.visual.eval().requires_grad_(requires_grad=False)
        side = visual.image_size[0] if isinstance(visual.image_size, tuple) else visual.image_size
        self._pixels = ImagePreprocessing(side, tuple(visual.image_mean), tuple(visual.image_std))
        self._visual = visual
        self.name = name
        self.dim = int(visual.output_dim)
        self.gsd_m = PATCH_M / side
        self.fingerprint = fingerprint(self._pixels.settings(), visual.state_dict())

    def encode(self, images: NDArray[np.uint8]) -> Floats32:
        """Encode RGB patches (n, h, w, 3) to (n, D)."""
        return encode_in_batches(images, self._pixels, self._visual, self.dim)


def build(argument: str) -> OpenClipImageEncoder:
    """Build from "MODEL", "MODEL:TAG", "MODEL:CHECKPOINT" or an OpenCLIP folder."""
    import open_clip  # noqa: PLC0415  takes seconds to import

    if Path(argument).is_dir():
        model = _created(f"local-dir:{argument}", None, argument)
        return OpenClipImageEncoder(f"open_clip:{argument}", model)
    name, _, weights = argument.partition(":")
    if name not in open_clip.list_models():
        raise BadInput(
            f"OpenCLIP knows no model '{name}'; give, for example, ViT-B-32, RN50 or ViT-L-14, or "
            "a folder with open_clip_config.json."
        )
    tags = open_clip.list_pretrained_tags_by_model(name)
    if not weights:
        if not tags:
            raise BadInput(
                f"The OpenCLIP model '{name}' has no public weights: name a checkpoint, as in "
                f"open_clip:{name}:weights.safetensors."
            )
        weights = tags[0]
    if weights not in tags and not Path(weights).is_file():
        raise MissingPart(
            f"'{weights}' is neither an existing checkpoint file nor a tag of {name}; its tags "
            f"are {', '.join(tags) or 'none'}."
        )
    source = weights if Path(weights).is_file() else f"{name}:{weights}"
    return OpenClipImageEncoder(f"open_clip:{name}:{weights}", _created(name, weights, source))


def _created(name: str, weights: str | None, source: str) -> torch.nn.Module:
    import open_clip  # noqa: PLC0415  takes seconds to import

    with loading(source):
        try:
            model: torch.nn.Module = open_clip.create_model(
                name, pretrained=weights, weights_only=True
            )
        except pickle.UnpicklingError as error:
            raise BadInput(
                f"'{source}' holds more than plain tensors and is not opened; give a safetensors "
                "file or a state dict saved by torch."
            ) from error
    return model
