"""The same bits on machines of different kinds: hashes of short runs, compared with a table that is kept.

    python -m tests.equivalence.other_machines                # all runs; most of their time is compilation
    python -m tests.equivalence.other_machines preset model   # those whose names begin so
    python -m tests.equivalence.other_machines --dtype float64
    python -m tests.equivalence.other_machines --keep         # notes in the table what was seen on this machine
    NUMBA_CPU_NAME=generic python -m tests.equivalence.other_machines   # without AVX and fused multiply-adds

The exit status is 1 if a run in double precision has other bits than the table says, which are promised to be the
same on all machines. Those of single precision are not: which differ is told. Where a change of results is meant,
delete the table and make it anew, on all its machines.
"""

import argparse
import json
import os
import platform
import string
import sys
from pathlib import Path

import llvmlite.binding
import numba

from tests.equivalence.short_runs import RUNS
from tests.equivalence.test_golden_bits import digest, software

TABLE = Path(__file__).with_name("bits_of_runs.json")
DTYPES = ("float64", "float32")
_UNITS = ("fma", "avx2", "avx512f", "neon", "sve")
_LESS = ("NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE")  # what numpy and its BLAS do without


def machine():
    """What code is compiled for, and with which versions."""
    name = numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = numba.config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten()
    units = [unit for unit in _UNITS if f"+{unit}" in features.split(",")]
    less = [f"{what}={os.environ[what]}" for what in _LESS if what in os.environ]
    return f"{' '.join([platform.machine(), name, *units, *less])}; {software()}"


def hash_of(name, dtype):
    seen = RUNS[name](dtype)
    assert not seen.silent, f"{name}, {dtype}: no spikes of {', '.join(seen.silent)}"
    return digest([*seen.activity, *seen.synapses])[:16]


def read(path):
    """The table: machines by letters; of each run and precision, which machines have seen which hash."""
    if path.exists():
        return json.loads(path.read_text())
    return {"machines": {}, "runs": {}}


def write(table, path):
    """A run a line."""
    machines = json.dumps(table["machines"], indent=1)
    rows = ",\n".join(
        f" {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(table["runs"].items())
    )
    path.write_text(f'{{"machines": {machines},\n"runs": {{\n{rows}\n}}}}\n')


def add(table, here, name, dtype, found):
    """Note what a machine has seen now, in place of what it had seen before."""
    letters = {kind: letter for letter, kind in table["machines"].items()}
    mine = letters.get(here) or next(one for one in string.ascii_uppercase if one not in table["machines"])
    table["machines"][mine] = here
    seen = table["runs"].setdefault(name, {}).setdefault(dtype, {})
    for one, machines in list(seen.items()):
        seen[one] = machines.replace(mine, "")
        if not seen[one]:
            del seen[one]
    seen[found] = "".join(sorted(seen.get(found, "") + mine))


def bits(table, name, dtype):
    """Hashes by machines."""
    seen = table["runs"].get(name, {}).get(dtype, {})
    return {letter: one for one, letters in seen.items() for letter in letters}


def expected(table, name, dtype):
    """The hash that the first machine has seen; None where no one has."""
    seen = bits(table, name, dtype)
    return seen[min(seen)] if seen else None


def compare(names, dtypes, path, keep, tell):
    """Run; returns the names of runs that differ from the table, by precision."""
    table = read(path)
    differ = {dtype: [] for dtype in dtypes}
    for name in names:
        for dtype in dtypes:
            found, known = hash_of(name, dtype), expected(table, name, dtype)
            word = "new" if known is None else "the same" if found == known else "OTHER BITS"
            tell(f"{found}  {dtype}  {name}: {word}")
            if word == "OTHER BITS":
                differ[dtype].append(name)
            if keep:
                add(table, machine(), name, dtype, found)
                write(table, path)  # now: other runs may take long
    return differ


def arguments(given):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="how names of runs begin; all, if none is given")
    parser.add_argument("--dtype", choices=DTYPES, help="both, if not given")
    parser.add_argument("--keep", action="store_true", help="note in the table what was seen")
    return parser.parse_args(given)


def main(given=None, path=TABLE, tell=lambda line: print(line, flush=True)):  # noqa: T201
    options = arguments(given)
    names = [name for name in RUNS if name.startswith(tuple(options.names) or "")]
    dtypes = (options.dtype,) if options.dtype else DTYPES
    tell(machine())
    differ = compare(names, dtypes, path, options.keep, tell)
    for dtype, others in differ.items():
        tell(f"{dtype}: {len(names) - len(others)} of {len(names)} have the bits of the table")
        for name in others:
            tell(f"  differs: {name}")
    return int(bool(differ.get("float64")))


if __name__ == "__main__":
    sys.exit(main())
