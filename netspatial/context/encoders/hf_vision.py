"""`hf`: any Vision Transformer of the transformers library as a frozen image encoder.

"hf:facebook/dinov2-small" comes from the hub, "hf:FOLDER" from disk (safetensors only).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from netspatial.arrays import Floats32
from netspatial.context.encoders.fingerprint import fingerprint
from netspatial.context.encoders.hub import loading, located
from netspatial.context.encoders.pixels import ImagePreprocessing, encode_in_batches
from netspatial.errors import BadInput

PATCH_M = 640.0
"""Side of the area that an input image covers, metres: the default side of a context patch."""


class HfVisionEncoder:
    """The class token of the last layer; for networks without one, the mean of the feature map."""

    licence = "that of the weights you named"

    def __init__(self, name: str, model: Any, pixels: ImagePreprocessing) -> None:
        self._model = model.eval().requires_grad_(requires_grad=False)
        self._pixels = pixels
        self.name = name
        self.dim = int(getattr(model.config, "hidden_size", 0) or model.config.hidden_sizes[-1])
        self.gsd_m = PATCH_M / pixels.side
        self.fingerprint = fingerprint(pixels.settings(), model.state_dict())

    def encode(self, images: NDArray[np.uint8]) -> Floats32:
        """Encode RGB patches (n, h, w, 3) to (n, D)."""
        return encode_in_batches(images, self._pixels, self._pooled, self.dim)

    def _pooled(self, pixel_values: Tensor) -> Tensor:
        hidden: Tensor = self._model(pixel_values=pixel_values).last_hidden_state
        return hidden[:, 0] if hidden.ndim == 3 else hidden.mean((2, 3))


def build(argument: str) -> HfVisionEncoder:
    """Build from a hub id or a folder that save_pretrained wrote."""
    from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: PLC0415  slow import

    source = located(argument, "hf")
    with loading(source):
        config = AutoConfig.from_pretrained(source)
        if not hasattr(config, "patch_size") and not hasattr(config, "hidden_sizes"):
            raise BadInput(
                f"'{source}' is a '{config.model_type}' model, which has no image input."
            )
        processor = AutoImageProcessor.from_pretrained(source)  # type: ignore[no-untyped-call]
        model = AutoModel.from_pretrained(source, use_safetensors=True)
    side = int(getattr(config, "image_size", 0) or 224)
    pixels = ImagePreprocessing(side, tuple(processor.image_mean), tuple(processor.image_std))
    return HfVisionEncoder(f"hf:{argument}", getattr(model, "vision_model", model), pixels)
