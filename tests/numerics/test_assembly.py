"""What is compiled, when, and into what."""

import importlib
import os
import platform
import re
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import numba
import numba.core.event
import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_name

import izhi_numba as iz
from izhi_numba.numerics.fingerprint import fingerprint


def compilations(recorder):
    return [event.data["dispatcher"].py_func.__name__ for _, event in recorder.buffer if event.is_start]


def test_nothing_is_compiled_again_for_values_sizes_seeds_or_weights():
    read_only = np.array([0, 1])
    read_only.flags.writeable = False

    def use(n, seed, threads, weight, delay):
        pool = iz.Pool(n, seed=seed, threads=threads)
        pool.set(a=0.03, d=float(seed))
        pool.drive(pool, iz.noise(seed) + 3)
        for rule in (iz.fixed_outdegree(3), iz.fixed_probability(0.01), iz.fixed_indegree(2), iz.all_to_all(),
                     iz.from_arrays(read_only, [2, 3])):  # fmt: skip
            pool.connect(pool[: n // 2], pool, rule=rule, weight=weight, delay=delay)
        pool.record("v", neurons=[0])
        pool.run(20)
        pool.update()
        pool.random(3)

    use(40, 1, 1, iz.uniform(0, 1), 1.0)
    use(40, 1, 1, 1.0, iz.integers(0, 3))
    with numba.core.event.install_recorder("numba:compile") as recorder:
        use(50, 2, 2, iz.normal(0, 1), 2.0)
        use(3000, 3, 3, -1.0, iz.integers(1, 30))
        iz.Pool(77).run(5)
        iz.Pool.cortical(500, seed=9).run(5)
    assert compilations(recorder) == []


@pytest.mark.parametrize("model", [iz.AdEx, iz.HodgkinHuxley, iz.LeakyIntegrateAndFire])
def test_nothing_is_compiled_again_for_other_pools_of_a_model(model):
    def use(n, **values):
        pool = iz.Pool(n, model, seed=1)
        pool.set(**values)
        pool.drive(pool, np.linspace(0, 500, n))
        pool.run(5.0)
        iz.simulate(model, 100.0, 20.0, **values)

    use(5)
    with numba.core.event.install_recorder("numba:compile") as recorder:
        use(3000, C=150.0)
    assert compilations(recorder) == []


def is_shipped(thing):
    return isinstance(thing, type) and issubclass(thing, iz.Model) and thing is not iz.Model


def run_script(script, folder, *arguments, cache=None):
    places = [str(folder), str(Path(iz.__file__).parents[1])]
    environment = {
        "NUMBA_CACHE_DIR": cache or str(folder / "cache"), "PATH": "", "PYTHONPATH": os.pathsep.join(places)
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=environment, capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


ASSEMBLY = """
import pathlib, sys
import numpy as np
import izhi_numba as iz
from izhi_numba.numerics.assembly import compiled_update
for name in sys.argv[1:]:
    model, scheme, dtype = name.split("-")
    update = compiled_update(getattr(iz, model)(), scheme, np.dtype(dtype), 0.1, "grid")
    pathlib.Path(name + ".s").write_text(update.inspect_assembly())
"""
SHIPPED = sorted(name for name in iz.models.__all__ if is_shipped(getattr(iz.models, name)))
USUAL = [f"{name}-{getattr(iz, name).scheme}-float32" for name in SHIPPED]
SINGLE = [*USUAL, "Izhikevich-fig2003-float32", "AdEx-rk4-float32", "MorrisLecar-heun-float32"]
DOUBLE = ["Izhikevich-net2003-float64", "HodgkinHuxley-exponential_euler-float64"]
# Of each kind of equation, and of scheme; others are slow to compile.
SOME = [
    name
    for name in SINGLE
    if name.split("-")[0]
    in ("Izhikevich", "LeakyIntegrateAndFire", "AdEx", "HodgkinHuxley", "FitzHughNagumo")
]
MORE = [name for name in SINGLE if name not in SOME]
x86_only = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reads x86 assembly"
)


@pytest.fixture(scope="module")
def assembly(tmp_path_factory):
    """Assembly of an update, by its name; in a process of its own, since cached code shows none."""
    made = {}

    def of(name):
        if name not in made:
            folder, names = tmp_path_factory.mktemp("assembly"), MORE if name in MORE else [*SOME, *DOUBLE]
            run_script(ASSEMBLY, folder, *names)
            made.update({one: (folder / f"{one}.s").read_text() for one in names})
        return made[name]

    return of


def instructions(text, pattern):
    return re.findall(rf"^\s+({pattern})\b.*$", text, re.MULTILINE)


@x86_only
@pytest.mark.parametrize("name", [*SOME, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE)])
def test_single_precision_updates_are_vectors_of_single_precision(assembly, name):
    text = assembly(name)
    packed = re.findall(r"\bv(?:fn?m(?:add|sub)\d+ps|mulps|addps|subps)\b[^\n]*%[yz]mm", text)
    assert len(packed) >= 2 * len(getattr(iz, name.split("-")[0]).states)
    assert not instructions(text, r"v?cvt(?:ss2sd|ps2pd)")
    assert not instructions(text, r"v?(?:mul|add|sub|div|sqrt|fn?m\w+)(?:sd|pd)")
    assert len(instructions(text, r"callq?")) <= 1  # of the loop; one of exp would be one neuron's


@x86_only
@pytest.mark.parametrize("name", DOUBLE)
def test_double_precision_updates_are_vectors_and_round_as_numpy_does(assembly, name):
    text = assembly(name)
    assert len(re.findall(r"\bv(?:mulpd|addpd|subpd)\b[^\n]*%[yz]mm", text)) > 10
    assert len(instructions(text, r"callq?")) <= 1
    if name.startswith("Izhikevich"):  # the others' exponentials ask for fused operations by name
        assert not instructions(text, r"vfn?m(?:add|sub)\w+")


@x86_only
@pytest.mark.parametrize("rule", ["PairSTDP", pytest.param("DopamineSTDP", marks=pytest.mark.slow)])
def test_visits_to_synapses_that_learn_are_vectors(tmp_path, rule):
    """Three spikes of the target and one of the source, each with a decay of seven multiply-adds at least."""
    script = """
import sys, numpy, izhi_numba as iz
from izhi_numba.numerics.learning import compiled
rule = getattr(iz, sys.argv[1])()
code = compiled(rule, numpy.dtype("float32"), 1.0, lag_bytes=1, dendritic=True)
open("visit.s", "w").write(code.inspect_assembly())
"""
    run_script(script, tmp_path, rule)
    text = (tmp_path / "visit.s").read_text()
    packed = re.findall(r"\bvfn?m(?:add|sub)\d+ps\b[^\n]*%[yz]mm", text)
    assert len(packed) >= 4 * 7


@x86_only
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_steps_neither_gather_nor_scatter(tmp_path, dtype):
    """An index that could be negative makes them, and costs a third of a pool's time with noise."""
    script = """
import sys, numpy, izhi_numba as iz
from izhi_numba.kernels.run.step import steps
iz.Pool(3, dtype=sys.argv[1]).run(1)
(text,) = steps(numpy.dtype(sys.argv[1])).inspect_asm().values()
open("steps.s", "w").write(text)
"""
    run_script(script, tmp_path, dtype)
    text = (tmp_path / "steps.s").read_text()
    assert len(instructions(text, "vpmuludq")) > 10  # of the random numbers
    if get_host_cpu_name().startswith("znver"):  # for others LLVM finds gathers fast, and makes some
        assert not instructions(text, r"v\w*(?:gather|scatter)\w*")


@x86_only
def test_many_variables_and_parameters_are_vectors_too(tmp_path):
    """LLVM gives up comparing more than 128 pairs of arrays at run time; the update needs no comparison."""
    lines = ["import izhi_numba as iz", "class Wide(iz.Model):", "    scheme = 'euler'"]
    lines += [f"    x{k} = iz.State(0.0)" for k in range(10)]
    lines += [f"    p{k} = iz.Parameter(1.0)" for k in range(30)]
    names = ", ".join([*(f"x{k}" for k in range(10)), *(f"p{k}" for k in range(30))])
    rates = ", ".join(f"p{k} * x{k} - p{k + 10} * x{(k + 1) % 10} + p{k + 20}" for k in range(10))
    lines += [f"    def derivatives({names}): return {rates}", "    def threshold(x0): return x0 >= 1"]
    lines += ["    def reset(): return {'x0': 0.0}", "iz.Wide = Wide"]
    run_script("\n".join(lines) + ASSEMBLY, tmp_path, "Wide-euler-float32")
    text = (tmp_path / "Wide-euler-float32.s").read_text()
    assert len(re.findall(r"\bvfn?m\w+ps\b[^\n]*%[yz]mm", text)) >= 20


MODEL = """
import izhi_numba as iz
DRIFT, UNIQUE = 1.0, 0.0
class Ramp(iz.Model):
    v = iz.State(0.0)
    def derivatives(v): return DRIFT + 0.5 + 0 * UNIQUE
    def threshold(v): return v >= 1000.0
    def reset(): return 0.0
"""
USE = """
import numba.core.event, numpy as np
from my_model import Ramp
import izhi_numba as iz
with numba.core.event.install_recorder("numba:compile") as recorder:
    pool = iz.Pool(10, Ramp, dt=1.0)
    pool.run(4)
print(float(pool.v[0]), sum(event.is_start for _, event in recorder.buffer) > 0)
"""


def test_a_second_process_finds_the_code_and_an_edit_makes_new_code(tmp_path):
    path, cache = tmp_path / "my_model.py", os.environ.get("NUMBA_CACHE_DIR")
    model = MODEL.replace("1.0, 0.0", f"1.0, {time.time()}")  # nobody has seen it, in a cache that all share
    path.write_text(model)
    assert run_script(USE, tmp_path, cache=cache) == ["6.0", "True"]
    assert run_script(USE, tmp_path, cache=cache) == ["6.0", "False"]
    path.write_text(model.replace("+ 0.5", "+ 0.25"))
    assert run_script(USE, tmp_path, cache=cache) == ["5.0", "True"]
    path.write_text(model.replace("DRIFT, UNIQUE = 1.0", "DRIFT, UNIQUE = 2.0"))
    assert run_script(USE, tmp_path, cache=cache) == ["10.0", "True"]
    path.write_text(model)
    assert run_script(USE, tmp_path, cache=cache) == ["6.0", "False"]


def test_fingerprints_tell_functions_apart():
    scale = 2.0

    def one(v):
        return v * 2.0

    def two(v):
        return v * 3.0

    def three(v):
        return v * scale

    marks = {fingerprint(one), fingerprint(two), fingerprint(three)}
    scale = 4.0
    marks.add(fingerprint(three))
    assert len(marks) == 4
    assert fingerprint(one) == fingerprint(one)


def test_fingerprints_keep_neighbours_apart():
    def one(v):
        return v * 1.0 + 20.0

    def two(v):
        return v * 1.02 + 0.0

    assert fingerprint(one) != fingerprint(two)


def test_fingerprints_look_into_modules(tmp_path, monkeypatch):
    path = tmp_path / "my_helpers.py"
    path.write_text("K = 1.0\ndef f(v): return v * 0.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    my_helpers = importlib.import_module("my_helpers")

    def derivatives(v):
        return my_helpers.f(v) + my_helpers.K

    marks = {fingerprint(derivatives)}
    my_helpers.K = 2.0
    marks.add(fingerprint(derivatives))
    my_helpers.f = lambda v: v * 0.2
    marks.add(fingerprint(derivatives))
    assert len(marks) == 3


def test_fingerprints_look_into_modules_of_modules(tmp_path, monkeypatch):
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "__init__.py").write_text("")
    (tmp_path / "outer" / "inner.py").write_text("K = 1.0\ndef f(v): return v * 0.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    inner = importlib.import_module("outer.inner")
    outer = importlib.import_module("outer")

    def derivatives(v):
        return outer.inner.f(v) + outer.inner.K

    marks = {fingerprint(derivatives)}
    monkeypatch.setattr(inner, "K", 2.0)
    marks.add(fingerprint(derivatives))
    monkeypatch.setattr(inner, "f", lambda v: v * 0.2)
    marks.add(fingerprint(derivatives))
    assert len(marks) == 3


def first_helper(v):
    return v


def second_helper(v):
    return 10 * v


P, Q = namedtuple("P", "a b"), namedtuple("Q", "b a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((first_helper, first_helper, second_helper), (first_helper, second_helper, first_helper)),
        (((1.0,), (2.0, 4.0)), ((1.0, 2.0), (4.0,))),
        (P(2.0, 3.0), Q(2.0, 3.0)),
        ([1.0, 2.0], (1.0, 2.0)),
        ({"a": 1.0, "b": 2.0}, {"a": 2.0, "b": 1.0}),
        (1, 1.0),
        (numba.vectorize(lambda v: 2 * v), numba.vectorize(lambda v: 3 * v)),
        (numba.njit(lambda v: 2 * v), numba.njit(lambda v: 3 * v)),
        (np.float32(1), np.float64(1)),
    ],
)
def test_fingerprints_tell_values_apart(one, other):
    def marked(values):
        def derivatives(v):
            return values

        return fingerprint(derivatives)

    assert marked(one) != marked(other)
    assert marked(one) == marked(one)


def test_a_model_runs_uncompiled_too():
    dv, du = iz.Izhikevich.derivatives(-65.0, -13.0, 10.0, 0.02, 0.2)
    assert dv == pytest.approx(0.04 * 65**2 - 5 * 65 + 140 + 13 + 10)
    assert du == pytest.approx(0)
    assert iz.Izhikevich().reset(-13.0, -65.0, 8.0) == (-65.0, -5.0)


class Leaky(iz.Model):
    """A model with one variable, integers for literals, t, dt and powers."""

    v = iz.State(0.0)
    tau = iz.Parameter(10.0)

    def derivatives(v, I, tau):
        return (1 * I - v**1 - 0 * v**2) / tau

    def threshold(v):
        return v >= 1

    def reset():
        return 0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_users_model_with_one_variable(dtype):
    pool = iz.Pool(100, Leaky(tau=5.0), dt=0.1, scheme="euler", dtype=dtype)
    pool.drive(pool, np.linspace(0.5, 4, 100))
    result = pool.run(200)
    drive = np.linspace(0.5, 4, 100)
    with np.errstate(invalid="ignore", divide="ignore"):
        period = np.ceil(np.log(1 - 1 / drive) / np.log(1 - 0.1 / 5.0)) * 0.1
    expected = np.where(drive > 1, 200 / np.where(drive > 1, period, 1), 0)
    np.testing.assert_allclose(result.counts, np.floor(expected + 1e-9), atol=1)
    assert (result.counts[drive <= 1] == 0).all()
