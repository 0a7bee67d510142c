"""The type of numpy arrays in annotations; a comment or docstring beside them says element type and shape."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
