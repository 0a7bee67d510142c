"""Functions of tuples of numbers, written out to their length: loads, stores, decays.

So a rule that has two traces has two numbers in registers, and not an array.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from izhi_numba.kernels.intrinsics import choose, load_at, store_at, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import SYNAPSE_DRAWS, philox, unit_double, unit_single
from izhi_numba.kernels.run.fading import N_DECAY, fading
from izhi_numba.kernels.run.lanes import CHUNK, STRIDE
from izhi_numba.kernels.run.recent import APART, COUNT, LATE, N_VALUE, ROWS, SINCE
from izhi_numba.kernels.tuples import tuple_text


@functools.cache
def _made(number: Any, text: str) -> Any:
    """Compile a function, the same for all that ask for it."""
    names = {
        "load_at": load_at,
        "store_at": store_at,
        "fading": fading,
        "choose": choose,
        "view": view,
        "np": np,
    }
    names |= {"number": number, "one": number(1), "philox": philox, "SYNAPSE_DRAWS": SYNAPSE_DRAWS}
    names["unit"] = unit_single if number is np.float32 else unit_double
    exec(f"def made{text}", names)
    return inline(names["made"])


class Written:
    """Functions of tuples that are written out to their length."""

    def __init__(self, number: Any) -> None:
        self._number, self._itemsize = number, np.dtype(number).itemsize

    def _function(self, text: str) -> Any:
        return _made(self._number, text)

    def _loads(self, n: int, first: int = 0) -> list[str]:
        return [f"load_at(place + {self._itemsize * (first + k)}, number)" for k in range(n)]

    def numbers(self, n: int) -> Any:
        """Function of an address: so many numbers there."""
        return self._function(f"(place): return {tuple_text(self._loads(n))}")

    def oddity(self, n: int) -> Any:
        """Function of numbers: 0, where their sum is finite; it is not, too, where all are but very large."""
        total = " + ".join(f"x[{k}]" for k in range(n))
        return self._function(f"(x):\n    total = {total}\n    return total - total")

    def keep(self, n: int) -> Any:
        """Function of an address and a tuple: keeps its numbers there."""
        lines = [f"    store_at(place + {self._itemsize * k}, x[{k}])" for k in range(n)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def keep_traces(self, nearest: Sequence[bool]) -> Any:
        """Function of an address and traces before a spike: keeps them as they are after it."""
        after = ["one" if is_nearest else f"x[{k}] + one" for k, is_nearest in enumerate(nearest)]
        lines = [f"    store_at(place + {self._itemsize * k}, {one})" for k, one in enumerate(after)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def decays(self, n: int) -> Any:
        """Function of an address: what describes the decay of so many traces."""
        return self.numbers(N_DECAY * n)

    def _factor(self, k: int) -> str:
        own = ", ".join(f"d[{N_DECAY * k + place}]" for place in range(N_DECAY))
        return f"fading({own}, gap, one)"

    def signalled(self, fades: Sequence[bool]) -> Any:
        """Function of numbers, their decays, and a gap in steps; some do not decay."""
        items = [f"x[{k}] * {self._factor(k)}" if one else f"x[{k}]" for k, one in enumerate(fades)]
        return self._function(f"(x, d, gap): return {tuple_text(items)}")

    def decayed(self, n: int) -> Any:
        """Function of traces, their decays, and a gap in steps."""
        items = [f"x[{k}] * {self._factor(k)}" for k in range(n)]
        return self._function(f"(x, d, gap): return {tuple_text(items)}")

    def entry(self, n: int) -> Any:
        """Function of an entry of a log, and how far its numbers are apart: so many, as they are."""
        items = [f"load_at(place + {k + 1} * apart, number)" for k in range(n)]
        return self._function(f"(place, apart): return {tuple_text(items)}")

    def lane(self, n: int, first: int) -> Any:
        """Function of lanes, and which it is: so many numbers, of columns from an item on."""
        items = [f"lanes[{first + CHUNK * k} + i]" for k in range(n)]
        return self._function(f"(lanes, i): return {tuple_text(items)}")

    def keep_lane(self, n: int, first: int) -> Any:
        """Function of lanes, which it is, and a tuple: keeps its numbers there."""
        lines = [f"    lanes[{first + CHUNK * k} + i] = x[{k}]" for k in range(n)]
        return self._function("\n".join(["(lanes, i, x):", *lines, "    return"]))

    def lane_entry(self, n: int) -> Any:
        """Function of lanes, which it is, and the place of an entry: so many of its numbers."""
        items = [f"lanes[{STRIDE * (k + 1)} + {CHUNK} * place + i]" for k in range(n)]
        return self._function(f"(lanes, i, place): return {tuple_text(items)}")

    def chosen(self, n: int) -> Any:
        """Function of a condition, and two tuples: so many numbers of the first one, or of the other."""
        items = [f"choose(yes, x[{k}], y[{k}])" for k in range(n)]
        return self._function(f"(yes, x, y): return {tuple_text(items)}")

    def keep_some(self, places: Sequence[int], apart: int) -> Any:
        """Function of an address and a tuple: keeps some of its numbers there, so many bytes apart."""
        lines = [f"    store_at(place + {apart * k}, x[{one}])" for k, one in enumerate(places)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def rows(self, n: int) -> Any:
        """Function of a table of values and a step: addresses of the row of each at that step."""
        lines = ["(place, stamp):", f"    t = view(place, {N_VALUE * n}, np.int64)"]
        for k in range(n):
            rows, count, apart, late, since = (N_VALUE * k + one for one in (ROWS, COUNT, APART, LATE, SINCE))
            at = f"max(stamp - t[{late}], t[{since}]) % t[{count}]"
            lines.append(f"    r_{k} = t[{rows}] + t[{apart}] * ({at})")
        return self._function("\n".join([*lines, f"    return {tuple_text([f'r_{k}' for k in range(n)])}"]))

    def gathered(self, n: int) -> Any:
        """Function of addresses of so many rows, and bytes: the numbers there."""
        items = [f"load_at(rows[{k}] + place, number)" for k in range(n)]
        return self._function(f"(rows, place): return {tuple_text(items)}")

    def times(self, n: int) -> Any:
        """Function of a table of values and a step: what :meth:`at_times` has to know of each.

        The row of the step, how many steps before it may be asked for, how many rows there are, where they
        begin, and how far they are apart.
        """
        lines, items = ["(place, stamp):", f"    t = view(place, {N_VALUE * n}, np.int64)"], list[str]()
        for k in range(n):
            rows, count, apart, late, since = (N_VALUE * k + one for one in (ROWS, COUNT, APART, LATE, SINCE))
            lines.append(f"    s_{k} = max(stamp - t[{late}], t[{since}])")
            items += [f"s_{k} % t[{count}]", f"s_{k} - t[{since}]"]
            items += [f"t[{one}]" for one in (count, rows, apart)]
        return self._function("\n".join([*lines, f"    return {tuple_text(items)}"]))

    def at_times(self, n: int) -> Any:
        """Function of what is known of values, how many steps before they are asked for, and bytes."""
        lines, items = ["(known, back, place):"], list[str]()
        for k in range(n):
            row, most, count, rows, apart = (f"known[{5 * k + one}]" for one in range(5))
            lines.append(f"    r_{k} = {row} - min(back, {most})")
            lines.append(f"    r_{k} += {count} if r_{k} < 0 else 0")
            items.append(f"load_at({rows} + {apart} * r_{k} + place, number)")
        return self._function("\n".join([*lines, f"    return {tuple_text(items)}"]))

    def drawn(self, n: int) -> Any:
        """Function of a synapse, the key of its row, a step, and the kind of event: so many random numbers.

        A counter gives two of them. The synapse is its target and its number among those of the same pair of
        neurons. Steps have 48 bits, pairs of numbers 6, and kinds of events 2.
        """
        lines = ["(who, key, step, kind):"]
        for k in range((n + 1) // 2):
            last = f"(step >> 32 & 0xFFFF) << 16 | {k} << 10 | kind << 8 | np.int64(SYNAPSE_DRAWS)"
            counter = f"who[0], np.uint32(step), who[1], np.uint32({last})"
            lines.append(f"    a_{k}, b_{k}, c_{k}, d_{k} = philox({counter}, key[0], key[1])")
        items = [
            f"unit(a_{k}, b_{k})" if half == 0 else f"unit(c_{k}, d_{k})"
            for k, half in (divmod(one, 2) for one in range(n))
        ]
        return self._function("\n".join([*lines, f"    return {tuple_text(items)}"]))
