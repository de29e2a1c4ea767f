"""Light on the picture: shadows on the fine canvas, then air, optics and sensor at its resolution.

The last steps. All effects have limited range (`SHADOW_REACH_M`, a few pixels of blur), so a tile
painted with a margin of that width has no seams.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from netspatial.arrays import Floats
from netspatial.simulate.canvas import Canvas
from netspatial.simulate.noise import Array, grid_noise, salt, uniform

SHADOW_REACH_M = 110.0
HAZE = np.array([164, 171, 180], dtype=np.float32)
SHADE = np.array([0.43, 0.455, 0.50], dtype=np.float32)
"""Share of the light in the shadow, from the sky."""


def cast_shadows(canvas: Canvas) -> None:
    """Darken the pixels that higher ones shade from the sun."""
    look = canvas.look
    azimuth = np.deg2rad(look["sun_azimuth"])
    rise = np.tan(np.deg2rad(look["sun_elevation"]))
    height = canvas.height.reshape(canvas.shape)
    excess = np.zeros_like(height)
    reach = min(SHADOW_REACH_M, float(height.max()) / rise)
    step = max(canvas.cell_m, 4.0)
    for k in range(1, int(reach / step) + 1):
        away = k * step
        right = round(away * np.sin(azimuth) / canvas.cell_m)
        up = round(away * np.cos(azimuth) / canvas.cell_m)
        _raise(excess, height, right, up, np.float32(away * rise))
    shadow = _soften(np.clip((excess - height) / 2.0, 0, 1), 0.6).ravel()
    for band in range(3):
        canvas.rgb[band] *= 1 - (1 - SHADE[band]) * shadow


def _soften(values: Array, sigma: float) -> Array:
    """Blur by a Gaussian of `sigma` pixels, cut at three."""
    return np.asarray(ndimage.gaussian_filter(values, sigma, mode="nearest", truncate=3.0))


def _raise(excess: Array, height: Array, right: int, up: int, drop: np.float32) -> None:
    """Keep in `excess` the highest ray that passes over each pixel from (right, up) pixels away."""
    rows, columns = height.shape
    here_y = slice(max(0, up), rows + min(0, up))
    from_y = slice(max(0, -up), rows + min(0, -up))
    here_x = slice(max(0, -right), columns + min(0, -right))
    from_x = slice(max(0, right), columns + min(0, right))
    target = excess[here_y, here_x]
    np.maximum(target, height[from_y, from_x] - drop, out=target)


def expose(
    rgb: Array,
    seed: int,
    look: dict[str, float],
    x: Floats,
    y: Floats,
    gsd_m: float,
    size_m: float,
) -> NDArray[np.uint8]:
    """Turn reflected light (3, rows, columns) at the picture's resolution into grey levels.

    x, y : (columns,) and (rows,), metres from the south-west corner of the town, `size_m` wide
    """
    wide = grid_noise(salt(seed, "air"), x, y, 5200.0)
    air = np.clip(look["haze"] * (1 + 0.25 * wide), 0, 0.6)
    grey = rgb.mean(axis=0)
    radius = np.hypot(x[None, :] - size_m / 2, y[:, None] - size_m / 2) / (0.7 * size_m)
    gain = look["gain"] * (1 - look["vignetting"] * radius**2).astype(np.float32)
    casts = (look["cast_red"], 1.0, look["cast_blue"])
    column = np.round(x / gsd_m - 0.5).astype(np.int64)
    row = np.round(y / gsd_m - 0.5).astype(np.int64)
    out = np.empty(rgb.shape, dtype=np.uint8)
    for band in range(3):
        light = grey + look["saturation"] * (rgb[band] - grey)
        light = _soften(light, look["blur_m"] / gsd_m)
        light = light * (1 - air) + HAZE[band] * air
        light = (light - 108) * look["contrast"] + 108
        light = light * gain * casts[band]
        noise = sum(
            uniform(salt(seed, "sensor", band, k), row[:, None], column[None, :]) for k in range(3)
        )
        light = light + look["sensor_noise"] * 2.0 * (noise - 1.5)
        out[band] = np.clip(np.round(light), 1, 255).astype(np.uint8)
    return out
