"""The kept table of bits on machines of different kinds, and this machine beside it; see ``other_machines.py``."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import izhi_numba as iz
from tests.equivalence.other_machines import DTYPES, TABLE, add, bits, expected, hash_of, main, read, write
from tests.equivalence.short_runs import LEARNING, MODELS, RUNS

ROOT = Path(__file__).parent.parent.parent
QUICK = "function tanh"  # has no network to compile
# Machines that this one can be: its own processor, and one of long ago, for numpy and its BLAS too.
KINDS = {
    "as it is": {},
    "plain x86-64": {
        "NUMBA_CPU_NAME": "generic", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4", "OPENBLAS_CORETYPE": "Prescott",
    },
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    """A table of one other machine, which saw what this one sees."""
    table = {"machines": {}, "runs": {}}
    for dtype in DTYPES:
        add(table, "another", QUICK, dtype, hash_of(QUICK, dtype))
    write(table, tmp_path / "table.json")
    return tmp_path / "table.json"


@pytest.mark.parametrize(("wrong", "status"), [(None, 0), ("float32", 0), ("float64", 1)])
def test_other_bits_are_told_and_a_failure_in_double_precision(path, wrong, status):
    if wrong:
        table = read(path)
        table["runs"][QUICK][wrong] = {"0123456789abcdef": "A"}
        write(table, path)
    told = []
    assert main([QUICK], path, told.append) == status
    for dtype in DTYPES:
        assert f"{dtype}: {int(dtype != wrong)} of 1 have the bits of the table" in told
    assert told.count(f"  differs: {QUICK}") == bool(wrong)


def test_what_is_seen_is_kept_beside_what_others_saw(path):
    table = read(path)
    table["runs"][QUICK]["float32"] = {"0123456789abcdef": "A"}
    write(table, path)
    for _ in range(2):
        main([QUICK, "--keep"], path, lambda line: None)
    kept = read(path)
    assert sorted(kept["machines"]) == ["A", "B"]
    assert list(kept["runs"][QUICK]["float64"].values()) == ["AB"]
    assert list(kept["runs"][QUICK]["float32"].values()) == ["A", "B"]


def test_everything_that_is_shipped_is_run():
    public = {name: getattr(iz, name) for name in iz.__all__}
    shipped = {
        kind: {name for name, one in public.items() if isinstance(one, type) and issubclass(one, kind)}
        - {kind.__name__}
        for kind in (iz.Model, iz.Plasticity)
    }
    assert shipped[iz.Model] == {*MODELS, "Relay"}  # which is among the network of pools
    assert shipped[iz.Plasticity] == {*LEARNING, "ClopathSTDP"}
    assert {f"preset {name}" for name in iz.presets} <= set(RUNS)


def test_in_double_precision_the_table_has_one_hash_for_each_run():
    table = read(TABLE)
    assert set(table["runs"]) == set(RUNS)
    for name, row in table["runs"].items():
        assert list(row) == list(DTYPES), name
        assert len(row["float64"]) == 1, name


def test_the_site_says_what_the_table_has():
    table = read(TABLE)
    machines = table["machines"]
    (plain,) = [letter for letter, kind in machines.items() if kind.startswith("x86_64 generic")]
    arm = [letter for letter, kind in machines.items() if kind.startswith("aarch64")]
    double = [bits(table, name, "float64") for name in RUNS]
    single = [bits(table, name, "float32") for name in RUNS]
    single = [one["A"] != one[plain] for one in single if {"A", plain} <= set(one)]
    on_arm = sum(any(letter in one for letter in arm) for one in double)
    facts, install = (
        " ".join((ROOT / "docs" / page).read_text().split()) for page in ("facts.md", "install.md")
    )
    assert f"{sum({'A', plain} <= set(one) for one in double)} short runs of all presets" in facts
    assert f"{on_arm} of them were made on aarch64" in facts
    assert f"{sum(single)} of {len(single)} runs had others" in facts
    assert f"{on_arm} short runs in double precision" in install


@pytest.mark.parametrize("name", [name for name in RUNS if name.startswith("function")])
def test_elementary_functions_have_the_bits_of_the_table(name):
    assert hash_of(name, "float64") == expected(read(TABLE), name, "float64")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_this_machine_has_the_bits_of_the_table(kind):
    command = [sys.executable, "-m", "tests.equivalence.other_machines"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | KINDS[kind], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert f"float64: {len(RUNS)} of {len(RUNS)} have the bits of the table" in done.stdout
