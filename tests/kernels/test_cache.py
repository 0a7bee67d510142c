"""The disk cache: damaged files, folders that cannot be written, processes together, other versions of numba."""

import ctypes
import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numba
import numba.core.event
import pytest
from numba.core import ccallback, codegen, compiler, cpu, serialize, untyped_passes

import izhi_numba as iz
from izhi_numba.kernels import cache
from izhi_numba.kernels.compiler import has_known_parts
from izhi_numba.kernels.jit import callback, kernel, shared
from tests import inside
from tests.wholeness.apart import CAN_FORK

needs_fork = pytest.mark.skipif(not CAN_FORK, reason="needs fork")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder for compiled code."""
    place = tmp_path / "kept"
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(place))
    inside.forget_cache()
    yield place
    inside.forget_cache()


def doubled():
    """A kernel, as it is in a new process."""

    def double(x):
        return 2 * x

    return kernel(double, key="double")


def use(compiled):
    """Use a kernel; returns whether it was compiled for that."""
    with numba.core.event.install_recorder("numba:compile") as recorder:
        assert compiled(21.0) == 42.0
    return len(recorder.buffer) > 0


def the_file(folder):
    (path,) = folder.rglob("*.code")
    return path


def warnings_of(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_code_is_kept_and_found_again(folder, caplog):
    assert use(doubled())
    assert not use(doubled())
    assert not warnings_of(caplog)
    assert len(list(folder.rglob("*"))) == 2  # a folder, and a file in it


DAMAGES = {
    "empty": lambda block: b"",
    "cut off": lambda block: block[: len(block) // 2],
    "short of a byte": lambda block: block[:-1],
    "too long": lambda block: block + b"\0",
    "overwritten": lambda block: random.Random(1).randbytes(len(block)),
    "zeros": lambda block: bytes(len(block)),
    "of something else": lambda block: b"import this\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_compiled_again_and_replaced(folder, caplog, damage):
    use(doubled())
    path = the_file(folder)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert use(doubled())
    (told,) = warnings_of(caplog)
    assert "is damaged; such code is compiled again, and replaced" in told
    assert not use(doubled())
    assert len(warnings_of(caplog)) == 1


def flip(folder, places):
    """Flip bits of the file, one at a time; nothing of it may be loaded."""
    use(doubled())
    path, compiled = the_file(folder), doubled()
    assert inside.load_again(compiled)
    whole = path.read_bytes()
    for k in places(8 * len(whole)):
        block = bytearray(whole)
        block[k // 8] ^= 1 << k % 8
        path.write_bytes(block)
        assert not inside.load_again(compiled), k


def test_any_flipped_bit_is_seen(folder):
    flip(folder, lambda n: random.Random(1).sample(range(n), 100))


@pytest.mark.slow
def test_every_flipped_bit_is_seen(folder):
    flip(folder, lambda n: range(0, n, 9))


def test_code_of_another_signature_is_not_taken(folder):
    """Files that were copied over each other."""
    compiled = doubled()
    compiled(21.0)
    compiled(21)
    first, second = folder.rglob("*.code")
    second.write_bytes(first.read_bytes())
    again = doubled()
    assert again(21.0) == 42.0
    assert again(21) == 42


def test_older_code_is_removed(folder):
    def double(x):
        return 2 * x

    for sources in ("a", "b"):
        compiled = numba.njit(double)
        inside.keep(compiled, double, sources)
        compiled(1.0)
    left = the_file(folder)
    stale = left.with_name(left.name + ".1.tmp")
    fresh = left.with_name(left.name + ".2.tmp")  # of a process that is about to rename it
    for path in (stale, fresh):
        path.write_bytes(b"")
    os.utime(stale, (0, 0))
    compiled(1)
    assert not stale.exists()
    assert fresh.exists()


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(folder, caplog, monkeypatch):
    monkeypatch.setattr(Path, "write_bytes", full_disk)
    compiled = doubled()
    assert use(compiled)
    assert compiled(4) == 8
    (told,) = warnings_of(caplog)
    assert "cannot be kept, and each process compiles" in told
    assert "No space left on device" in told
    assert not list(folder.rglob("*.*"))


@pytest.mark.parametrize("what", ["a file", "below a file", "read-only"])
def test_a_folder_that_cannot_be_written(folder, caplog, monkeypatch, what):
    if what == "a file":
        folder.write_text("")
    elif what == "below a file":
        folder.write_text("")
        monkeypatch.setattr(numba.config, "CACHE_DIR", str(folder / "in" / "it"))
    else:
        monkeypatch.setattr(os, "access", lambda *_: False)
        monkeypatch.setattr(Path, "mkdir", full_disk)
    assert use(doubled())
    (told,) = warnings_of(caplog)
    assert "set NUMBA_CACHE_DIR to a folder" in told
    assert use(doubled())
    assert len(warnings_of(caplog)) == 1


def test_a_folder_that_can_be_read_only_is_read(folder, caplog, monkeypatch):
    use(doubled())
    inside.forget_cache()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not use(doubled())
    assert not warnings_of(caplog)


def test_without_a_folder_of_ones_own_it_is_that_of_the_package_or_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    inside.forget_cache()
    assert cache.folder() == Path(cache.__file__).parent / "__pycache__"
    inside.forget_cache()
    monkeypatch.setattr(os, "access", lambda path, _: "__pycache__" not in str(path))
    if sys.platform == "linux":
        assert cache.folder().parent == tmp_path
    inside.forget_cache()

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    assert cache.folder() in (None, Path(cache.__file__).parent / "__pycache__")
    inside.forget_cache()


# Versions of numba with other inner parts


@pytest.mark.parametrize(
    ("owner", "name"),
    [(compiler.CompileResult, "_reduce"), (serialize, "dumps"), (codegen.CPUCodegen, "magic_tuple")],
)
@pytest.mark.parametrize("how", ["is not there", "asks for something else"])
def test_without_these_parts_each_process_compiles(folder, caplog, monkeypatch, owner, name, how):
    if how == "is not there":
        owner = next((one for one in getattr(owner, "__mro__", ()) if name in vars(one)), owner)
        monkeypatch.delattr(owner, name)
    else:
        monkeypatch.setattr(owner, name, lambda a, b, c, d: None)
    assert use(doubled())
    assert use(doubled())
    told = warnings_of(caplog)
    assert sum("is unknown to izhi_numba, and each process compiles" in one for one in told) == 1
    assert len(told) <= 2  # loading and keeping
    assert not list(folder.rglob("*.code"))


def test_without_what_rebuilds_code_it_is_compiled(folder, caplog, monkeypatch):
    use(doubled())
    monkeypatch.delattr(compiler.CompileResult, "_rebuild")
    assert use(doubled())
    (told,) = warnings_of(caplog)
    assert "cannot be loaded, and is compiled again (AttributeError" in told


def a_callback():
    def double(x):
        return 2 * x

    made = callback(numba.float64(numba.float64), double, "0123456789abcdef0123")
    made.compile()
    return made


class OtherCFunc(ccallback.CFunc):
    def __init__(self, pyfunc, sig, *, pipeline_class, **more):
        super().__init__(pyfunc, sig, more["locals"], more["options"], pipeline_class)


def test_callbacks_without_these_parts(folder, caplog, monkeypatch):
    for other in (OtherCFunc, a_callback):  # the second has nothing of it
        inside.forget_cache()
        caplog.clear()
        with monkeypatch.context() as patch:
            patch.setattr(ccallback, "CFunc", OtherCFunc)
            if other is a_callback:
                patch.setattr(numba, "cfunc", cfunc_elsewhere(ccallback.CFunc))
                patch.delattr(ccallback, "CFunc")
            made = a_callback()
        call = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(made.address)
        assert call(21.0) == 42.0
        (told,) = warnings_of(caplog)
        assert "is unknown to izhi_numba" in told
        assert not list(folder.rglob("*.code"))


def cfunc_elsewhere(kind):
    """numba.cfunc as it would be if its class had another place."""

    def cfunc(signature, pipeline_class, **options):
        def wrap(function):
            types = (signature.args, signature.return_type)
            made = kind(function, types, locals={}, options=options, pipeline_class=pipeline_class)
            made.compile()
            return made

        return wrap

    return cfunc


def test_a_kernel_whose_cache_is_in_another_place(folder, caplog, monkeypatch):
    njit = numba.njit
    monkeypatch.setattr(numba, "njit", lambda **options: lambda function: njit(**options)(function).__call__)
    assert use(doubled())
    (told,) = warnings_of(caplog)
    assert "and each process compiles (it has another cache)" in told
    assert not list(folder.rglob("*.code"))


def test_known_parts_of_the_compiler(monkeypatch):
    assert has_known_parts()
    hide = [(untyped_passes, inside.PASSES_IN_VAIN[-1]), (codegen, "JITCodeLibrary")]
    hide += [(codegen.CPUCodeLibrary, "_finalize_dynamic_globals"), (cpu.CPUContext, "get_executable")]
    for owner, name in hide:
        with monkeypatch.context() as patch:
            patch.delattr(owner, name)
            assert not has_known_parts()
    with monkeypatch.context() as patch:
        patch.setattr(codegen.CPUCodeLibrary, "_finalize_final_module", lambda self, more: None)
        assert not has_known_parts()


POOL = """
import izhi_numba as iz
pool = iz.Pool(100, seed=1, threads=1)
pool.connect(pool, pool, rule=iz.fixed_outdegree(5))
pool.drive(pool, iz.noise(5.0))
print(pool.run(100.0).counts.sum())
"""
OTHER = """
from numba.core import compiler, cpu
executable = cpu.CPUContext.get_executable
cpu.CPUContext.get_executable = lambda self, *given: executable(self, *given)
del compiler.CompileResult._reduce
"""


def in_a_process(script, folder, **environment):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)} | environment
    return subprocess.Popen(
        [sys.executable, "-c", script], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
def test_a_pool_by_a_numba_with_other_parts(tmp_path):
    known = in_a_process(POOL, tmp_path)
    unknown = in_a_process(OTHER + POOL, tmp_path / "other")
    expected, _ = known.communicate()
    found, told = unknown.communicate()
    assert found == expected
    assert "and compiles for longer" in told
    assert "and each process compiles" in told
    assert unknown.returncode == known.returncode == 0


# Several processes


@needs_fork
def test_processes_that_fill_a_folder_together(folder):
    compiled = doubled()
    inside.load_again(compiled)  # so that children have it all
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            os._exit(0 if compiled(21.0) == 42.0 else 1)
        children.append(child)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
    assert len(list(folder.rglob("*.*"))) == 1
    assert not use(doubled())


@pytest.mark.slow
def test_pools_of_several_processes_that_fill_a_folder_together(tmp_path):
    together = [in_a_process(POOL, tmp_path) for _ in range(4)]
    printed = [process.communicate() for process in together]
    assert [process.returncode for process in together] == [0] * 4, printed
    after, told = in_a_process(POOL, tmp_path).communicate()
    assert {out for out, _ in printed} == {after}
    assert told == ""


@pytest.mark.slow
@needs_fork
def test_killed_while_it_writes(folder, caplog):
    rnd = random.Random(1)
    use(doubled())
    block = the_file(folder).read_bytes() * 50
    compiled = doubled()
    for _ in range(200):
        child = os.fork()
        if child == 0:
            while True:
                inside.keep_block(the_file(folder), block)
        time.sleep(rnd.uniform(0, 0.01))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert len(the_file(folder).read_bytes()) in (len(block), len(block) // 50)
    the_file(folder).write_bytes(block[: len(block) // 50])
    assert inside.load_again(compiled)
    assert not warnings_of(caplog)


USE_MODEL = """
import sys
import numpy as np, numba.core.event
from izhi_numba.numerics.assembly import compiled_update
import {module} as own
with numba.core.event.install_recorder("numba:compile") as recorder:
    assert compiled_update(own.Leaky(), "euler", np.dtype(np.float32), 0.1, "grid").address
print(len(recorder.buffer) > 0)
"""
MODEL = """
import izhi_numba as iz
class Leaky(iz.Model):
    v = iz.State(-70.0)
    def derivatives(v, I):
        return {"v": I - v}
    def threshold(v):
        return v > -50.0
    def reset(v):
        return {"v": -65.0}
"""


def test_a_model_whose_file_was_renamed(tmp_path):
    for module, compiles in (("cells_a", "True"), ("cells_b", "False")):
        place = tmp_path / module
        place.mkdir()
        (place / f"{module}.py").write_text(MODEL)
        where = os.pathsep.join([str(place), str(Path(iz.__file__).parents[1])])
        out, told = in_a_process(
            USE_MODEL.format(module=module), tmp_path / "kept", PYTHONPATH=where
        ).communicate()
        assert (out.strip(), told) == (compiles, "")


def counted(seed):
    pool = iz.Pool(100, seed=seed, threads=2)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(5))
    pool.drive(pool, iz.noise(8.0))
    return pool.run(200.0).counts.tolist()


@pytest.mark.parametrize("method", ["spawn", pytest.param("forkserver", marks=pytest.mark.slow)])
def test_children_run_pools_while_the_parent_has_one(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"has no {method}")
    stop, expected = threading.Event(), counted(3)
    running = threading.Thread(target=lambda: [counted(1) for _ in iter(stop.is_set, True)])
    running.start()
    try:
        with multiprocessing.get_context(method).Pool(1) as children:
            assert children.map(counted, [3]) == [expected]
    finally:
        stop.set()
        running.join()


TWO_PARTS = """
import ctypes, sys
import numba
import numpy as np
from numba import types
from izhi_numba.kernels.intrinsics import store_at
from izhi_numba.kernels.jit import callback, shared
def made(factor):
    key = f"{factor:016d}"
    @shared(key=key)
    def long(x):
        for _ in range(3):
            x = factor * x + 1
        return x
    def part(place, x):
        store_at(place, long(long(np.float64(x))))
    return callback(types.void(types.int64, types.float64), part, key)
for factor in map(int, sys.argv[1:]):
    code = made(factor)
    code.compile()
    result = np.zeros(1)
    code.function()(result.ctypes.data, 2.0)
    print(result[0])
"""


def test_parts_that_are_kept_apart_are_told_from_those_of_other_processes(folder):
    """Two processes number what they compile alike, and a third loads both."""

    def run(*factors):
        done = subprocess.run(
            [sys.executable, "-c", TWO_PARTS, *map(str, factors)], capture_output=True, text=True, check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(folder)},
        )  # fmt: skip
        return [float(line) for line in done.stdout.split()]

    alone = run(3) + run(5)
    assert alone[0] != alone[1]
    assert run(3, 5) == alone
    assert run(5, 3) == alone[::-1]


def test_parts_that_are_kept_apart_need_a_key():
    factor = 3

    def long(x):
        return factor * x

    with pytest.raises(TypeError, match=r"long is made of \('factor',\): it needs a key"):
        shared(long)
