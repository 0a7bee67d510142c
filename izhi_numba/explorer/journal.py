"""What was done to a network, as lines of Python each at its time: a script of it has the same spikes."""

from __future__ import annotations

from collections.abc import Iterable

_IMPORTS = "import numpy as np\n\nimport izhi_numba as iz\n"
_TOLD = 'print(len(result.spikes.i))\nresult.plot_raster().figure.savefig("raster.png")\n'


class Journal:
    """Lines of Python with the times at which they were carried out.

    Parameters
    ----------
    begin : str
        Lines that make the network, called ``net``; they import what they need beside numpy and izhi_numba.
    before : iterable of str
        Lines that follow, as others need them.
    t : float
        Its time then, ms.
    """

    def __init__(self, begin: str, before: Iterable[str], t: float) -> None:
        self._begin, self._before, self._t = begin, [*before], t
        self._lines: list[tuple[float, str, bool]] = []  # time, line, and whether a reset leaves it

    def add(self, t: float, lines: Iterable[str], *, stays: bool = True) -> None:
        """Note what was done at a time; a number that was turned again at the same time counts once.

        ``stays``: whether it stays as it is when time goes back to 0.
        """
        for line in lines:
            target = line.partition(" = ")[0]
            if " = " in line:
                self._lines = [
                    one for one in self._lines if one[0] != t or one[1].partition(" = ")[0] != target
                ]
            self._lines.append((t, line, stays))

    def begin_again(self, line: str) -> None:
        """Note that time went back to 0: settings stay, and come first."""
        kept = [(0.0, text, True) for _, text, stays in self._lines if stays]
        self._lines, self._t = [], 0.0
        for t, text, _ in kept:
            self.add(t, [text])
        self._lines.append((0.0, line, False))

    def script(self, since: float, until: float) -> str:
        """Return the script up to a time; what it prints and draws begins at another one, ms."""
        lines = [(t, line) for t, line, _ in self._lines if t <= until]
        found, now, name = [_IMPORTS, self._begin, *self._before], self._t, "result ="
        for cut in sorted({since, until, *(t for t, _ in lines)}):
            if cut > now:
                run = f"net.run({round(cut - now, 6)!r})"
                found.append(f"{name} {run}" if now >= since else run)
                name, now = ("result +=" if now >= since else name), cut
            found += [line for t, line in lines if t == cut]
        return "\n".join([*found, "", _TOLD])
