"""Doubts about inputs that can be simulated, but would do nothing, or something else than they say."""

from __future__ import annotations

from collections.abc import Iterator

from izhi_numba.inputs.terms import AnyTerm
from izhi_numba.inputs.waveforms import EDGE


def doubts_of_time(term: AnyTerm, now: float, dt: float) -> Iterator[tuple[str, str]]:
    """Doubts about when a term of an input is on, and how fast it turns: what they are about, the message."""
    waveform = term.waveform
    if waveform.end <= now + EDGE:
        yield (
            "input that is over",
            f"drive: {term!r} is over: it ends at {waveform.end:g} ms, and it is {now:g} ms;"
            f" input.shift({now:g}) begins now",
        )
    if waveform.shortest_turn < 2 * dt:
        yield (
            "input that turns fast",
            f"drive: {term!r} goes up and down in {waveform.shortest_turn:g} ms, less than two steps of"
            f" {dt:g} ms, and is taken at the beginning of each step: make the pool with a smaller dt",
        )
