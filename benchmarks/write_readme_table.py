"""Measure all workloads and write the table into README.md, between its markers.

Run it on a quiet machine:  python benchmarks/write_readme_table.py
"""

from pathlib import Path

from izhi_numba.base.cores import usable_cores
from izhi_numba.bench.table import HEADER, as_line, machine, measure, shifted_history_factor
from izhi_numba.bench.workloads import WORKLOADS

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"


def main():
    """Measure and write."""
    lines = [*HEADER]
    for workload in WORKLOADS:
        for row in measure(workload, sorted({1, usable_cores()}), repetitions=7):
            lines.append(as_line(row))
            print(lines[-1], flush=True)
    full = next(workload for workload in WORKLOADS if workload.degree == workload.n)
    ancestor = shifted_history_factor() / measure(full, [1])[0].factor
    text = README.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    told = f"Measured on: {machine()}. Blue Shell's own loop took {ancestor:.0f} times as long as W2."
    README.write_text(f"{head}{BEGIN}\n" + "\n".join(lines) + f"\n\n{told}\n{END}{tail}")


if __name__ == "__main__":
    main()
