"""Array types used across packages."""

import numpy as np
from numpy.typing import NDArray

AnyFloats = NDArray[np.floating]
Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]
