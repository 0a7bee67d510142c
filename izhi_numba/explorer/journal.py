"""What was done to a network, as lines of Python each at its time: a script of it has the same spikes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

LACKING = "# not in this script: "  # begins comments on what it should have to be exact
_IMPORTS = "import numpy as np\n\nimport izhi_numba as iz\n"
_HELPERS = {
    "Drives(": "from izhi_numba.explorer.drives import Drives\n",
    "Gains(": "from izhi_numba.explorer.gains import Gains\n",
    "kick(": "from izhi_numba.explorer.kicks import kick\n",
}
_TOLD = 'print(len(result.spikes.i))\nresult.plot_raster().figure.savefig("raster.png")\n'
_MOST = 2_000_000  # characters


@dataclass(frozen=True)
class _Line:
    """A line of Python with its time.

    Attributes
    ----------
    stays : bool
        Whether what it does stays as it is when time goes back to 0.
    target : str
        What it sets to a number that was turned; empty where it does something else, on which what comes
        before and after may depend.
    """

    t: float
    text: str
    stays: bool
    target: str


class Journal:
    """Lines of Python with the times at which they were carried out.

    Parameters
    ----------
    begin : str
        Lines that make the network, called ``net``; they import what they need beside numpy and izhi_numba.
    before : iterable of str
        Lines that follow where others need them: each sets the name with which it begins.
    t : float
        Its time then, ms.
    """

    def __init__(self, begin: str, before: Iterable[str], t: float) -> None:
        self._begin, self._before, self._t = begin, [*before], t
        self._lines: list[_Line] = []
        self._size = 0

    def turn(self, t: float, line: str) -> None:
        """Note what was set to a number; one that was turned before at the same time counts no more."""
        target = line.rpartition(" = ")[0]
        for place in range(len(self._lines) - 1, -1, -1):
            one = self._lines[place]
            if one.t != t or not one.target:
                break
            if one.target == target:
                del self._lines[place]
                self._size -= len(one.text)
                break
        self._add(_Line(t, line, True, target))

    def add(self, t: float, lines: Iterable[str], *, stays: bool = True) -> None:
        """Note what was done at a time; ``stays``: whether it stays so when time goes back to 0."""
        for line in lines:
            self._add(_Line(t, line, stays, ""))

    def _add(self, line: _Line) -> None:
        """Note it, unless there is too much: a slider that moves for an hour is more than anybody reads."""
        if self._size > _MOST:
            return
        self._size += len(line.text)
        if self._size > _MOST:
            text = f"{LACKING}what was done from here on, at t = {line.t:g} ms, as it is too much"
            line = _Line(line.t, text, True, "")
        self._lines.append(line)

    def begin_again(self, line: str) -> None:
        """Note that time went back to 0: settings stay, and come first."""
        kept = [one for one in self._lines if one.stays]
        self._lines, self._t, self._size = [], 0.0, 0
        for one in kept:
            if one.target:
                self.turn(0.0, one.text)
            else:
                self.add(0.0, [one.text])
        self.add(0.0, [line], stays=False)

    def script(self, since: float, until: float) -> str:
        """Return the script up to a time; what it prints and draws begins at another one, ms."""
        lines = {
            t: [one.text for one in some]
            for t, some in itertools.groupby(self._lines, lambda one: one.t) if t <= until
        }  # fmt: skip
        done, now, name = list[str](), self._t, "result ="
        for cut in sorted({since, until, *lines}):
            if cut > now:
                run = f"net.run({_readable(cut - now)!r})"
                done.append(f"{name} {run}" if now >= since else run)
                name, now = ("result +=" if now >= since else name), cut
            done += lines.get(cut, [])
        text = "\n".join(done)
        before = [one for one in self._before if one.partition(" ")[0] in text]
        body = "\n".join([self._begin, *before, text])
        imports = "".join(line for call, line in _HELPERS.items() if call in body)
        return "\n".join([_IMPORTS + imports, body, "", _TOLD])


def _readable(duration: float) -> float:
    """A difference of times without what floating point adds to it; a third of a ms is one all the same."""
    short = round(duration, 6)
    return short if abs(short - duration) <= 1e-12 * max(abs(duration), 1e3) else duration
