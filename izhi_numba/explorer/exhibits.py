"""What a page can open: a network of the gallery, one of a user's file, or one that a notebook holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from izhi_numba.base.checks import as_array, finite_number
from izhi_numba.explorer.controls import Control
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool


@dataclass(frozen=True)
class Exhibit:
    """A network that can be opened.

    Attributes
    ----------
    name, title, words : str
        What it is called, and told to be.
    build : function
        Returns a Pool or a Network, perhaps with positions and more, ``(net, positions)``; takes
        ``options`` by name.
    code : function of the options
        Lines of Python that make the same, called ``net``; asked for when it has been opened.
    options : tuple of Control
        What it is built with.
    variants : mapping of str to dict
        Options by what they give.
    """

    name: str
    title: str
    words: str
    build: Callable[..., Any]
    code: Callable[[dict[str, float]], str]
    options: tuple[Control, ...] = ()
    variants: Mapping[str, dict[str, float]] = field(default_factory=dict)

    def as_message(self) -> dict[str, Any]:
        """In the terms of the page."""
        return {
            "name": self.name, "title": self.title, "words": self.words,
            "options": [one.as_message() for one in self.options], "variants": dict(self.variants),
        }  # fmt: skip

    def chosen(self, given: Any) -> dict[str, float]:
        """Return the options that a page asks for, within their ranges.

        Raises
        ------
        TypeError, ValueError
            With a message for the page.
        """
        if not isinstance(given, Mapping):
            raise TypeError(f"options: expected names with values, got {given!r:.60}")
        found = {one.name: one.default or 0.0 for one in self.options}
        for one in self.options:
            low, high = one.low or 0.0, one.high or 0.0
            value = finite_number(one.label, given.get(one.name, one.default))
            if not low <= value <= high:
                raise ValueError(f"{one.label}: expected {low:g} to {high:g}, got {value:g}")
            found[one.name] = value
        return found

    def opened(self, options: dict[str, float]) -> tuple[Pool | Network, Any]:
        """Build it; returns the network, and positions if there are any.

        Raises
        ------
        TypeError
            What was built is no network.
        """
        made = self.build(**options)
        net, *more = made if isinstance(made, tuple) and made else (made,)
        positions = next(filter(_are_positions, more), None)
        if not isinstance(net, Pool | Network):
            raise TypeError(
                f"{self.name}: expected an iz.Pool or an iz.Network to be returned, or one with positions:"
                f" (net, positions); got {made!r:.60}"
            )
        return net, positions


def _are_positions(given: Any) -> bool:
    """Whether it is a row of two or three numbers for each neuron, or such arrays or lists by name."""
    if isinstance(given, Mapping):
        return bool(given) and all(map(_are_positions, given.values()))
    try:
        array = as_array(given)
    except ValueError:  # a list of lists that are not equally long
        return False
    return array.ndim == 2 and array.shape[1] in (2, 3) and array.dtype.kind in "fiu"


def held(nets: Sequence[Pool | Network], positions: Any) -> list[Exhibit]:
    """Return what shows networks that are there already, the first one with positions."""
    found = []
    for number, net in enumerate(nets):
        made = (net, positions) if positions is not None and not number else net
        title = "your network" if not number else f"your network {number + 1}"
        found.append(Exhibit(title, title, repr(net).strip("<>"), _always(made), partial(_as_it_is, net)))
    return found


def _as_it_is(net: Pool | Network, _: dict[str, float]) -> str:
    return f"# net is the one of the notebook, as it was at t = {net.t:g} ms"


def _always(value: Any) -> Callable[..., Any]:
    """What returns a value, whatever it is given."""
    return lambda *_, **__: value
