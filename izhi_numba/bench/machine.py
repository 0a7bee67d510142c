"""Facts about this machine for a bug report: versions, processor, threads, cache folder."""

from __future__ import annotations

import os
import platform

import llvmlite
import llvmlite.binding
import matplotlib
import numba
import numpy as np
import psutil

from izhi_numba.base.cores import usable_cores
from izhi_numba.kernels import cache
from izhi_numba.version import __version__

_TOLD = ("sse4.2", "avx", "avx2", "fma", "avx512f", "avx512bw", "avx512vl", "neon", "sve")


def describe() -> dict[str, str]:
    """Return versions, processor, threads and cache folder, by name."""
    features = llvmlite.binding.get_host_cpu_features()
    has = [name for name in _TOLD if features.get(name)]
    lacks = [name for name in ("avx2", "fma") if name in features and not features[name]]
    memory = psutil.virtual_memory()
    return {
        "izhi_numba": __version__,
        "python": f"{platform.python_version()} ({platform.python_implementation()})",
        "numba": f"{numba.__version__}, llvmlite {llvmlite.__version__}",
        "numpy": np.__version__,
        "matplotlib": matplotlib.__version__,
        "system": platform.platform(),
        "processor": f"{llvmlite.binding.get_host_cpu_name()}, {os.cpu_count()} cores",
        "features": " ".join(has) + (f"; without {' '.join(lacks)}" if lacks else ""),
        "memory": f"{memory.total / 1e9:.1f} GB, {memory.available / 1e9:.1f} GB free",
        "threads": f"{usable_cores()} by default (NUMBA_NUM_THREADS sets it)",
        "thread layer": "the package's own team of threads; numba's layers are not used",
        "cache folder": f"{cache.folder() or 'none that can be written'} (NUMBA_CACHE_DIR sets it)",
    }
