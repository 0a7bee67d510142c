"""Models, receptors and functions are found by name, and known by what they say."""

import subprocess
import sys
import textwrap
from functools import partial

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.encoding.meaning import said, word, words_of_class

CELLS = '''
"""Cells of one's own."""

import numpy as np
import izhi_numba as iz

SLOPE = 0.5


def steep(v):
    """How steep."""
    return SLOPE * v


class Theta(iz.Model):
    """A neuron."""

    v = iz.State(-65.0, unit="mV")
    w = iz.State(lambda v: 0.1 * v); x = iz.State(lambda v: 0.2 * v)
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))

    def derivatives(v, w, x, I, tau):
        """Its equation."""
        return (-65.0 - v + I + steep(0.001 * v)) / tau, -w, -x  # a comment

    def threshold(v):
        return v >= -50.0

    def reset():
        return {"v": -70.0}


class Slow(iz.Receptor):
    i = iz.State(0.0, unit="pA")
    tau = iz.Parameter(100.0, unit="ms")

    def derivatives(i, tau):
        return -i / tau

    def current(i):
        return i


def drive(t):
    """A current."""
    return 20.0 + np.sin(0.1 * t)
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of the user's, which may be rewritten and imported anew."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    names = []

    def write(text=CELLS, name="cells_of_my_own"):
        import importlib

        (tmp_path / f"{name}.py").write_text(text)
        sys.modules.pop(name, None)
        importlib.invalidate_caches()
        names.append(name)
        return importlib.import_module(name)

    yield write
    for name in names:
        sys.modules.pop(name, None)


def net_of(cells):
    """A network with all that is the user's."""
    net = iz.Network(dt=0.5, seed=1)
    pool = net.pool("a", 5, cells.Theta(tau=15.0), receptors={"slow": cells.Slow(tau=50.0)})
    pool.drive(pool, iz.from_function(cells.drive))
    net.connect("a", "a", rule=iz.all_to_all(), weight=1.0, delay=1.0)
    return net


SAME = {
    "comments": ("# a comment", "# another one, and a longer one"),
    "no docstring": ('"""Its equation."""', "pass"),
    "docstrings": ('"""How steep."""', '"""How steep it is."""'),
    "layout": ("return SLOPE * v", "return (SLOPE\n            *  v)"),
    "lines before": ("SLOPE = 0.5", "\n\n\nOTHER = 3\nSLOPE = 0.5"),
    "annotations": ("def steep(v):", "def steep(v: float) -> float:"),
    "a slider's range": ("range=(5, 50)", "range=(5, 500)"),
}
del SAME["no docstring"]
CHANGED = {
    "a number": ("-65.0 - v + I", "-66.0 - v + I", "Theta .* in derivatives"),
    "a global": ("SLOPE = 0.5", "SLOPE = 0.6", "Theta .* in derivatives"),
    "a function that is called": ("return SLOPE * v", "return SLOPE + v", "Theta .* in derivatives"),
    "the threshold": ("v >= -50.0", "v > -50.0", "Theta .* in threshold"),
    "a default": ("iz.Parameter(20.0", "iz.Parameter(21.0", "Theta .* in tau"),
    "a unit": ('(-65.0, unit="mV")', '(-65.0, unit="V")', "Theta .* in v"),
    "the second lambda of a line": ("0.2 * v", "0.3 * v", "Theta .* in x"),
    "a part that is new": ("    tau = iz.Parameter(20.0", "    b = iz.Parameter(1.0)\n    tau = iz.Parameter(20.0", "has b, which it had not"),
    "a receptor": ("-i / tau", "-2 * i / tau", "Slow .* in derivatives"),
    "a function of time": ("20.0 + np.sin", "21.0 + np.sin", "drive says something else than when it was saved"),
}  # fmt: skip


@pytest.mark.parametrize("edit", SAME)
def test_what_says_the_same_is_the_same(module, tmp_path, edit):
    net_of(module()).save(tmp_path / "net.izhi")
    old, new = SAME[edit]
    assert old in CELLS
    module(CELLS.replace(old, new))
    assert iz.load(tmp_path / "net.izhi").pools["a"].model.defaults == {"tau": 15.0, "tau_slow": 50.0}


@pytest.mark.parametrize("edit", CHANGED)
def test_what_has_changed_is_refused_and_told(module, tmp_path, edit):
    net_of(module()).save(tmp_path / "net.izhi")
    old, new, told = CHANGED[edit]
    assert old in CELLS
    module(CELLS.replace(old, new))
    with pytest.raises(ValueError, match=told) as caught:
        iz.load(tmp_path / "net.izhi")
    assert "bring back what it said, or go on with what it says now: iz.load(path, models=[" in str(
        caught.value
    )


def test_nothing_is_imported(module, tmp_path):
    net = net_of(module())
    net.save(tmp_path / "net.izhi")
    del sys.modules["cells_of_my_own"]
    with pytest.raises(
        ValueError, match="import cells_of_my_own first, as loading imports nothing, or hand it in"
    ):
        iz.load(tmp_path / "net.izhi")
    assert "cells_of_my_own" not in sys.modules


def test_what_is_handed_in_is_taken_by_its_name(module, tmp_path):
    net = net_of(module())
    net.save(tmp_path / "net.izhi")
    other = module(name="cells_elsewhere")
    del sys.modules["cells_of_my_own"]
    again = iz.load(tmp_path / "net.izhi", models=[other.Theta, other.Slow(), other.drive])
    assert again["a"].model.bare is other.Theta
    np.testing.assert_array_equal(again.run(40.0)["a"].spikes.t, net.run(40.0)["a"].spikes.t)


def test_what_is_handed_in_may_have_changed_which_is_told(module, tmp_path):
    net_of(module()).save(tmp_path / "net.izhi")
    other = module(CELLS.replace("v >= -50.0", "v >= -51.0"))
    with pytest.warns(
        iz.DoubtfulWarning, match="load: Theta, which was handed in, says something else .* in threshold"
    ):
        iz.load(tmp_path / "net.izhi", models=[other.Theta])
    other = module(
        CELLS.replace("w = iz.State(lambda v: 0.1 * v); ", "")
        .replace("(v, w, x,", "(v, x,")
        .replace(", -w, -x", ", -x")
    )
    with (
        pytest.warns(iz.DoubtfulWarning, match="has no w any more"),
        pytest.raises(ValueError, match="pool 'a' was saved with v, w, x"),
    ):
        iz.load(tmp_path / "net.izhi", models=other.Theta)
    with pytest.raises(TypeError, match="models: expected models, receptors and functions"):
        iz.load(tmp_path / "net.izhi", models=["Theta"])


def test_a_lambda_is_refused_before_anything_is_written(tmp_path):
    pool = iz.Pool(3, seed=1)
    pool.drive(pool, iz.from_function(lambda t: 0 * t))
    with pytest.raises(
        ValueError, match=r"is a lambda: it cannot be found again; write it as def drive\(t\)"
    ):
        pool.save(tmp_path / "pool.izhi")

    class Callable:
        def __call__(self, t):
            return 0 * t

    pool.drive(pool, iz.from_function(Callable()))
    with pytest.raises(ValueError, match="is Callable, which is no plain function"):
        pool.save(tmp_path / "pool.izhi")
    assert not [*tmp_path.iterdir()]


def test_a_local_function_and_model_are_handed_in(tmp_path):
    level = 7.0

    def local(t):
        return level + 0 * t

    class Local(iz.Izhikevich):
        pass

    pool = iz.Pool(3, Local, seed=1)
    pool.drive(pool, iz.from_function(local))
    pool.save(tmp_path / "pool.izhi")
    with pytest.raises(ValueError, match=r"models=\[(local|Local)\]"):
        iz.load(tmp_path / "pool.izhi")
    assert iz.load(tmp_path / "pool.izhi", models=[local, Local]).model.defaults == {}
    level = 8.0
    with pytest.warns(iz.DoubtfulWarning, match="local, which was handed in, says something else"):
        iz.load(tmp_path / "pool.izhi", models=[local, Local])


def test_what_a_model_has_beside_its_parameters_is_refused(tmp_path):
    model = iz.AdEx()
    model.note = "mine"
    with pytest.raises(
        ValueError, match="has note, of which nothing is known; let the class declare it as a Parameter"
    ):
        iz.Pool(3, model, seed=1).save(tmp_path / "pool.izhi")


def test_functions_of_numpy(tmp_path):
    pool = iz.Pool(3, seed=1)
    pool.drive(pool, iz.from_function(np.cos))
    pool.save(tmp_path / "pool.izhi")
    iz.load(tmp_path / "pool.izhi").run(1.0)


def test_receptors_given_twice_are_composed_alike(tmp_path):
    inner = iz.compose(iz.AdEx(C=250.0), {"ampa": iz.AMPA(tau=3.0)})
    pool = iz.Pool(20, iz.compose(inner, {"jump": iz.VoltageJump, "nmda": iz.NMDA}), seed=1)
    pool.drive(pool, 900.0 + iz.poisson(500.0, weight=1.0, receptor="nmda"))
    pool.run(20.0)
    pool.save(tmp_path / "pool.izhi")
    again = iz.load(tmp_path / "pool.izhi")
    np.testing.assert_array_equal(again.run(40.0).spikes.t, pool.run(40.0).spikes.t)
    assert repr(again.model) == repr(pool.model)


def test_without_a_source_byte_code_is_compared(tmp_path, module):
    cells = module()
    names = {}
    exec("import numpy as np\ndef drive(t):\n    'A current.'\n    return 20.0 + np.sin(0.1 * t)", names)
    names["drive"].__module__ = "cells_of_my_own"
    assert said(names["drive"]) is None
    assert word(names["drive"]).source == ""
    assert word(cells.drive).differs(word(names["drive"])) is False
    other = word(names["drive"])._replace(code="another-313:0")
    assert word(cells.drive).differs(other) is None


def test_a_file_that_was_edited_is_not_taken_for_what_runs(tmp_path, module):
    cells = module()
    before = words_of_class(cells.Theta)
    (tmp_path / "cells_of_my_own.py").write_text(CELLS.replace("-65.0 - v + I", "-99.0 - v + I"))
    after = words_of_class(cells.Theta)
    assert after["derivatives"].source == ""
    assert not any(before[part].differs(after[part]) for part in before)


SAID = (
    "arguments(args=[arg(arg='t'), arg(arg='scale')], defaults=[Constant(value=2.0)]): "
    "[Assign(targets=[Tuple(elts=[Name(id='low'), Starred(value=Name(id='rest'))])], "
    "value=ListComp(elt=BinOp(left=Name(id='one'), op=Pow(), right=Constant(value=2)), "
    "generators=[comprehension(target=Name(id='one'), iter=Tuple(elts=[Name(id='t'), "
    "Constant(value=1000.0), UnaryOp(op=USub(), operand=Constant(value=1))]), "
    "ifs=[Compare(left=Name(id='one'), ops=[IsNot()], comparators=[Constant()])], is_async=0)])), "
    "If(test=UnaryOp(op=Not(), operand=Subscript(value=Name(id='rest'), "
    "slice=Slice(lower=Constant(value=1)))), body=[Return(value=Dict(keys=[Constant(value='v')], "
    "values=[Call(func=Attribute(value=Name(id='np'), attr='where'), args=[Compare(left=Name(id='t'), "
    "ops=[Gt()], comparators=[Constant(value=0)]), Name(id='scale'), Name(id='low')])]))]), "
    "Return(value=Lambda(args=arguments(args=[arg(arg='x')]), "
    "body=BinOp(left=Subscript(value=Name(id='x'), slice=Constant(value=0)), op=Add(), "
    "right=Name(id='t'))))]"
)


def sample(t, scale: float = 2.0):
    """What any version of Python has to say alike."""
    low, *rest = [one**2 for one in (t, 1e3, -1) if one is not None]
    if not rest[1:]:
        return {"v": np.where(t > 0, scale, low)}
    return lambda x: x[0] + t


def rule(**declared):
    """A class of rules with these attributes."""
    return type("Rule", (iz.Plasticity,), {"on_tick": lambda w: w, "tau": iz.Parameter(9.0), **declared})


SAYING = [
    ({"d": iz.Modulator("tau")}, {"d": iz.Modulator()}), ({"d": iz.Modulator()}, {"d": iz.Modulator(start=1.0)}),
    ({"d": iz.Random(), "r": iz.Random()}, {"r": iz.Random(), "d": iz.Random()}),
    ({"d": iz.Parameter(1.0)}, {"d": iz.Parameter(1.0, at_most=3)}),
    ({"d": iz.Parameter(1.0)}, {"d": iz.Parameter(1.0, is_whole=True)}),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAYING)
def test_declarations_that_say_something_else(one, other):
    one, again, other = (words_of_class(rule(**declared))["d"] for declared in (one, one, other))
    assert not one.differs(again)
    assert one.differs(other)


def test_any_python_says_the_same():
    assert said(sample) == SAID


def test_in_a_script(tmp_path):
    """A model in the script itself, which is the module __main__."""
    script = tmp_path / "script.py"
    script.write_text(
        CELLS
        + textwrap.dedent("""
        pool = iz.Pool(3, Theta, dt=0.5, seed=1)
        pool.drive(pool, iz.from_function(drive))
        pool.save("pool.izhi")
        print(iz.load("pool.izhi").model)
        """)
    )
    done = subprocess.run([sys.executable, script], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout == "Theta()\n"


def rate_of(hertz):
    def rate(t):
        return hertz + 0 * np.asarray(t)

    return rate


def test_of_several_of_one_name_that_which_says_what_was_saved(tmp_path):
    """Bug: the first of the name was taken, whatever it says."""
    slow, fast, other = rate_of(10.0), rate_of(500.0), rate_of(300.0)
    net = iz.Network(dt=1.0, seed=1)
    net.poisson("slow", 20, slow), net.poisson("fast", 20, fast)
    net.run(5.0)
    net.save(tmp_path / "net.izhi")
    expected = net.run(200.0)
    for models in ([slow, fast], [fast, other, slow]):
        again = iz.load(tmp_path / "net.izhi", models=models).run(200.0)
        for name in ("slow", "fast"):
            np.testing.assert_array_equal(again[name].spikes.t, expected[name].spikes.t)
    with pytest.raises(
        ValueError, match=r"is none of those of this name that were handed in, of .*test_code"
    ):
        iz.load(tmp_path / "net.izhi", models=[other, rate_of(7.0)])


class Table:
    """A callable object, with what it needs."""

    def __init__(self, amount):
        self.amount, self.names = amount, {"a", "b", "c"}

    def __call__(self, t):
        return self.amount * len(self.names) + 0 * t


def test_objects_and_sets_are_told_by_what_is_in_them():
    def of(table):
        return lambda t: table(t)

    assert word(of(Table(1.0))) == word(of(Table(1.0)))
    assert word(of(Table(1.0))) != word(of(Table(2.0)))
    assert word({"a", "b", "c"}) == word({"c", "b", "a"}) != word({"a", "b"})
    script = "from izhi_numba.encoding.meaning import word; print(word({'a', 'b', 'c', 'd'}), word(object()))"
    told = {
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert len(told) == 1


REGISTERED = set()


def registered(t):
    return len(REGISTERED) + 0 * t


REGISTERED.add(registered)


def test_a_function_that_is_in_a_set_that_it_uses():
    """Bug: describing it went round and round."""
    assert word(registered) == word(registered)


def test_functions_of_c_are_told_by_their_names():
    """Bug: methods have no module, and of some versions of numpy all functions had one description."""
    from numpy import cos, exp

    def of(function):
        return lambda t: function(t)

    told = [word(of(one)) for one in (cos, exp, str.upper, str.lower, np.ndarray.sum)]
    assert len({*told}) == len(told)
    assert word(of(exp)) == word(of(np.exp))


def test_partial_functions_and_methods_are_told_by_what_they_hold():
    """Bug: they could not be described at all, or all had one description."""

    def of(function):
        return lambda t: function(t)

    kinds = [partial(max, 1), partial(max, 2), partial(min, 1), Table(1.0).__call__, Table(2.0).__call__]
    told = [word(of(one)) for one in kinds]
    assert len({*told}) == len(told)
    assert word(of(partial(max, 1))) == told[0]
    assert word(of(Table(1.0).__call__)) == told[3]
