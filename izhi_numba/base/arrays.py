"""The type of numpy arrays in annotations; their element types and shapes are told beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
