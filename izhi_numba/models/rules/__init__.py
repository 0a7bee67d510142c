"""Plasticity rules that have been published."""

from izhi_numba.models.rules.pair import PairSTDP

__all__ = ["PairSTDP"]
