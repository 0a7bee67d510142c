"""Benchmarks: workloads, baselines, the machine's own limits, and the table.

``izhi-numba bench`` runs the short form; ``pytest benchmarks`` all of it.
"""

from izhi_numba.bench.table import short_form

__all__ = ["short_form"]
