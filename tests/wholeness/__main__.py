"""All failures by call: ``python -m tests.wholeness [--most 100] [--pairs 6] [--only Pool.drive]``.

What the tests find, as one table, for whoever mends something: each call with the number of its failures, and
of what kinds they are. Without ``--most`` each opcode is stopped at.
"""

import argparse
import time

from tests.wholeness.apart import ApartError, apart
from tests.wholeness.attack import References, attack, points
from tests.wholeness.injection import sample
from tests.wholeness.scenarios import SCENARIOS


def _last(failure: ApartError) -> str:
    """How a process ended: killed, hung, or by which exception."""
    lines = str(failure).splitlines()
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]


def main() -> None:
    """Attack, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=None, help="opcodes of each call")
    parser.add_argument(
        "--pairs", type=int, default=0, help="of them with so many second exceptions, of as many"
    )
    parser.add_argument("--only", default="", help="how the names of scenarios begin")
    given = parser.parse_args()
    began, tried, failed, bad = time.perf_counter(), 0, 0, 0
    chosen = [one for one in SCENARIOS if one.name.startswith(given.only)]
    for scenario in chosen:
        known = References(scenario)
        known.check()
        numbers, opcodes = points(scenario, given.most)
        works = [lambda tell: attack(known, numbers, tell=tell)]  # noqa: B023
        if given.pairs:
            some = sample(numbers, given.pairs)
            works.append(lambda tell: attack(known, some, seconds=given.pairs, tell=tell))  # noqa: B023
        for work, told in zip(works, ("", " (pairs)"), strict=False):
            try:
                report = apart(work, seconds=3600)
            except ApartError as failure:
                print(f"{scenario.name}{told}: {_last(failure)}", flush=True)  # noqa: T201
                bad += 1
                continue
            report.opcodes = opcodes
            tried, failed, bad = (
                tried + report.tried,
                failed + len(report.failures),
                bad + bool(report.failures),
            )
            print(f"{scenario.name}{told}: {report}", flush=True)  # noqa: T201
    seconds = time.perf_counter() - began
    print(f"{len(chosen)} scenarios, {bad} with failures; {failed} of {tried} calls fail; {seconds:.0f} s")  # noqa: T201


if __name__ == "__main__":
    main()
