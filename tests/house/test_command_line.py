import importlib
import logging
import subprocess
import sys
import types
import uuid

import matplotlib.image
import numpy as np
import pytest

from izhi_numba.cli import main
from izhi_numba.kernels.jit import kernel
from tests import inside


def test_demo(tmp_path, capsys):
    picture = tmp_path / "raster.png"
    assert main(["demo", "--duration", "200", "--seed", "3", "--threads", "1", "--output", str(picture)]) == 0
    told = capsys.readouterr().out
    for part in ("neurons        1,000", "synapses       1,000,000", "excitatory", "inhibitory", "RTF", "compilation",
                 "threads        1 of 1", str(picture)):  # fmt: skip
        assert part in told
    height, width, _ = matplotlib.image.imread(picture).shape
    assert width > 1000
    assert height > 600


def test_demo_of_another_size(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--neurons", "5000", "--duration", "50", "--no-plot"]) == 0
    assert "synapses       500,000" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["demo", "--neurons", "0"], "n: expected a whole number"),
        (["demo", "--duration", "-1"], "duration: expected a number above 0"),
        (["demo", "--threads", "0"], "threads: "),
        (["demo", "--output", "/no/such/folder/raster.png"], "there is no folder /no/such/folder"),
    ],
)
def test_mistakes(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_info(capsys):
    assert main(["info"]) == 0
    told = capsys.readouterr().out
    for part in ("izhi_numba", "numba", "processor", "thread layer", "cache folder"):
        assert part in told


def test_bench_in_its_shortest_form(capsys):
    assert main(["bench", "--quick"]) == 0
    told = capsys.readouterr().out
    assert "| W2: the 2003 network" in told
    assert "share of limit" in told


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "izhi_numba", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("izhi-numba ")


def compile_something():
    def nothing(numbers):
        return len(numbers)

    nothing.__module__ = "izhi_numba.kernels.nothing"
    kernel(nothing, key=uuid.uuid4().hex)(np.zeros(3))  # a key that is in no cache


def a_compilation(module):
    """What numba tells when it begins to compile a function of a module."""
    function = types.SimpleNamespace(__module__=module, __qualname__="some")
    return types.SimpleNamespace(data={"dispatcher": types.SimpleNamespace(py_func=function)})


def test_what_compiles_long_is_told_once(caplog):
    stopwatch = inside.stopwatch()
    with caplog.at_level(logging.WARNING, "izhi_numba"):
        for module in ("models.izhikevich", "kernels.run.look"):
            stopwatch.on_start(a_compilation(f"izhi_numba.{module}"))
            stopwatch.on_end(None)
        assert not caplog.records
        for _ in range(2):
            stopwatch.on_start(a_compilation("izhi_numba.kernels.build.generate"))
            stopwatch.on_start(a_compilation("izhi_numba.kernels.run.step"))  # within the other
            stopwatch.on_end(None)
            stopwatch.on_end(None)
            stopwatch.on_start(a_compilation("izhi_numba.kernels.run.step"))
            stopwatch.on_end(None)
    (record,) = caplog.records
    assert record.getMessage() == (
        "izhi_numba compiles what draws synapses, then the steps of neurons, up to half a minute; it is kept on"
        " disk"
    )


def test_modules_that_compile_long_are_there():
    for module in inside.LONG:
        assert importlib.import_module(module).kernel


def test_without_logging_it_goes_to_stderr():
    code = (
        "from tests import inside; from tests.house.test_command_line import a_compilation;"
        "inside.stopwatch().on_start(a_compilation('izhi_numba.kernels.run.step'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert (
        done.stderr == "izhi_numba compiles the steps of neurons, up to half a minute; it is kept on disk\n"
    )


def test_compilation_is_logged(caplog):
    with caplog.at_level(logging.INFO, "izhi_numba"):
        compile_something()
    (record,) = caplog.records
    assert record.name == "izhi_numba"
    assert record.getMessage().startswith(
        "compiling compile_something.<locals>.nothing of izhi_numba.kernels"
    )
    assert "kept on disk" in record.getMessage()
