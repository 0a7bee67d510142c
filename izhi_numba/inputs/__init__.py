"""Currents and spike trains that drive neurons from outside, as values that add, scale and shift.

They are made by functions such as :func:`izhi_numba.step`, :func:`izhi_numba.noise` and
:func:`izhi_numba.poisson`; a number or an array is one too.

Times are in ms, frequencies in Hz. An input holds through a step: in the step that begins at ``t`` it is its
value at ``t``. Windows are [start, stop): on in that step if start <= t < stop, compared with a tolerance of
1e-7 ms, as the times of steps are rounded. For a strict t > T1 say ``start=T1 + 1e-6``.
"""
