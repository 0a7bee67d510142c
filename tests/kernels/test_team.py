"""Threads that help: there once, never waited for in vain, gone from no job that is not over."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from izhi_numba.kernels import team
from izhi_numba.kernels.jit import kernel, of_team
from tests import inside


class Sum(NamedTuple):
    turns: Any
    sums: Any  # int64 (n_threads, LINE)
    work: Any  # additions for each part


@of_team
def _add_up(thread, job):
    part = team.turn(job.turns)
    while part < job.turns[team.END]:
        for _ in range(job.work):
            team.add(job.sums, thread * team.LINE, part)
        part = team.turn(job.turns)


@kernel
def add_up(helpers, n_threads, job):
    team.lead(helpers, n_threads, team.job_of(_add_up, job))


class Meeting(NamedTuple):
    arrived: Any  # int64 (LINE,)
    wanted: Any


@of_team
def _meet(thread, job):
    team.add(job.arrived, 0, 1)
    attempt = 0
    while team.load(job.arrived, 0) < job.wanted:
        team.wait(attempt)
        attempt += 1


@kernel
def meet(helpers, n_threads, job):
    """Wait until so many threads are in the job."""
    team.lead(helpers, n_threads, team.job_of(_meet, job))


def a_sum(threads, work=1):
    return Sum(team.turns(), np.zeros(threads * team.LINE, np.int64), work)


def in_one_call(threads, parts, job):
    job.turns[:] = 0
    job.turns[team.END] = parts
    team.call(add_up, threads, job)


@pytest.fixture
def nobody():
    """Begin without helpers."""
    team.go_home()
    yield
    team.go_home()


@pytest.fixture
def starts(monkeypatch):
    """Threads that were started."""
    start, seen = _thread.start_new_thread, []

    def counted(*arguments):
        seen.append(arguments)
        return start(*arguments)

    monkeypatch.setattr(_thread, "start_new_thread", counted)
    return seen


@pytest.mark.usefixtures("nobody")
def test_helpers_stay_for_later_jobs(starts):
    for _ in range(3):
        team.call(meet, 3, Meeting(np.zeros(team.LINE, np.int64), 1))
    team.call(meet, 3, Meeting(np.zeros(team.LINE, np.int64), 1))
    assert len(starts) == 2
    team.call(meet, 2, Meeting(np.zeros(team.LINE, np.int64), 1))
    assert len(starts) == 2
    team.call(meet, 5, Meeting(np.zeros(team.LINE, np.int64), 1))
    assert len(starts) == 4


def all_idle(crew, count):
    """Wait until so many helpers sleep."""
    lines = crew.helpers[team.LINE :].reshape(-1, team.LINE)
    end = time.monotonic() + 20
    while (lines[:, inside.STATE] == inside.IDLE).sum() < count:
        assert time.monotonic() < end, lines[:5]
        time.sleep(1e-3)


@pytest.mark.usefixtures("nobody")
def test_those_that_are_idle_come():
    team.call(meet, 4, Meeting(np.zeros(team.LINE, np.int64), 1))
    for _ in range(20):
        all_idle(inside.crew(), 3)
        job = Meeting(np.zeros(team.LINE, np.int64), 4)
        team.call(meet, 4, job)  # does not end before all are there
        assert job.arrived[0] == 4


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_thousands_of_short_jobs(threads):
    for parts in range(3000):
        job = a_sum(threads)
        in_one_call(threads, parts, job)
        assert job.sums.sum() == parts * (parts - 1) // 2


def test_several_leaders_at_once():
    wrong = []

    def lead(number):
        for parts in range(500):
            job = a_sum(3, work=1 + number)
            in_one_call(3, parts, job)
            if job.sums.sum() != (1 + number) * (parts * (parts - 1) // 2):
                wrong.append((number, parts))

    leaders = [threading.Thread(target=lead, args=(number,)) for number in range(4)]
    for leader in leaders:
        leader.start()
    for leader in leaders:
        leader.join()
    assert wrong == []


@pytest.mark.usefixtures("nobody")
def test_leaders_at_once_get_as_many_helpers_as_all_of_them_want(starts):
    both = Meeting(np.zeros(team.LINE, np.int64), 2)  # two leaders
    leaders = [threading.Thread(target=team.call, args=(meet, 2, both)) for _ in range(2)]
    for leader in leaders:
        leader.start()
    for leader in leaders:
        leader.join()
    team.call(meet, 2, Meeting(np.zeros(team.LINE, np.int64), 1))
    assert 1 <= len(starts) <= 3


@pytest.mark.usefixtures("nobody")
def test_a_helper_that_never_wakes_is_not_waited_for():
    """Lines of helpers that sleep at a lock which nobody takes."""
    in_one_call(2, 10, a_sum(2))
    all_idle(inside.crew(), 1)
    asleep = np.zeros(3 * team.LINE, np.int64)
    asleep[inside.CAME] = 2
    for line in (team.LINE, 2 * team.LINE):
        asleep[line + inside.STATE] = inside.IDLE
        asleep[line + inside.LOCK] = a_lock()
    for turn in range(2):  # in the second, those that were told in vain are not idle
        job = a_sum(3)
        job.turns[team.END] = 1000
        add_up(asleep, 3, job)
        assert job.sums.sum() == 999 * 500, turn
        assert (asleep[[team.LINE, 2 * team.LINE]] == inside.TAKEN_BACK).all()


def a_lock():
    import ctypes

    make = ctypes.pythonapi.PyThread_allocate_lock
    make.restype = ctypes.c_void_p
    lock = make()
    ctypes.pythonapi.PyThread_acquire_lock(ctypes.c_void_p(lock), 1)
    return lock


@pytest.mark.usefixtures("nobody")
def test_where_the_system_gives_no_threads(monkeypatch):
    def refused(*arguments):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_thread, "start_new_thread", refused)
    job = a_sum(4)
    in_one_call(4, 1000, job)
    assert job.sums.sum() == 999 * 500
    assert job.sums[team.LINE :].sum() == 0


@pytest.mark.usefixtures("nobody")
def test_helpers_go_home():
    team.call(meet, 4, Meeting(np.zeros(team.LINE, np.int64), 1))
    crew = inside.crew()
    all_idle(crew, 3)
    before = _thread._count()
    team.go_home()
    end = time.monotonic() + 20
    while _thread._count() > before - 3:
        assert time.monotonic() < end
        time.sleep(1e-3)
    assert (crew.helpers[team.LINE : 4 * team.LINE : team.LINE] == inside.GONE).all()
    job = a_sum(4)
    in_one_call(4, 1000, job)
    assert job.sums.sum() == 999 * 500


def test_going_home_in_the_middle_of_jobs():
    wrong, stop = [], []

    def lead():
        while not stop:
            job = a_sum(3)
            in_one_call(3, 200, job)
            if job.sums.sum() != 199 * 100:
                wrong.append(job)

    leader = threading.Thread(target=lead)
    leader.start()
    for _ in range(50):
        team.go_home()
        time.sleep(1e-3)
    stop.append(True)
    leader.join()
    assert wrong == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_has_helpers_of_its_own():
    """Also when another thread was inside a job."""
    stop = []

    def lead():
        while not stop:
            in_one_call(2, 2000, a_sum(2, work=20))

    in_one_call(3, 10, a_sum(3))
    leader = threading.Thread(target=lead)
    leader.start()
    try:
        for _ in range(5):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                team.call(meet, 3, Meeting(np.zeros(team.LINE, np.int64), 1))
                all_idle(inside.crew(), 2)
                job = Meeting(np.zeros(team.LINE, np.int64), 3)
                team.call(meet, 3, job)
                os._exit(int(job.arrived[0]))
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    finally:
        stop.append(True)
        leader.join()


SCRIPT = """
import sys, threading, time
import numba.core.event, numpy as np
sys.path.insert(0, {folder!r})
from jobs import add_up, Sum
from izhi_numba.kernels import team
with numba.core.event.install_recorder("numba:compile") as recorder:
    total = 0
    for _ in range(300):
        job = Sum(team.turns(), np.zeros(3 * team.LINE, np.int64), 100)
        team.in_portions(add_up, 3, job, 300)
        total += int(job.sums.sum())
        helped = bool(job.sums[team.LINE :].any())
print(total, len(recorder.buffer) > 0)
"""


def test_another_process_loads_the_code_from_the_disk(tmp_path):
    """The job's function is called by its address, which is another one there."""
    source = Path(__file__).read_text()
    begin, end = source.index("class Sum"), source.index("class Meeting")
    head = "from typing import Any, NamedTuple\nimport numpy as np\nfrom izhi_numba.kernels import team\n"
    head += "from izhi_numba.kernels.jit import kernel, of_team\n"
    (tmp_path / "jobs.py").write_text(head + source[begin:end])
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    results = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT.format(folder=str(tmp_path))],
            env=environment, capture_output=True, text=True, check=True,
        ).stdout.split()
        for _ in range(2)
    ]  # fmt: skip
    total = str(300 * 100 * (299 * 150))
    assert results == [[total, "True"], [total, "False"]]


# Portions


def test_a_job_in_portions_is_whole():
    for parts in (0, 1, 2, 3, 1000, 100_000):
        job = a_sum(2)
        team.in_portions(add_up, 2, job, parts)
        assert job.sums.sum() == parts * (parts - 1) // 2


def test_portions_are_short():
    took = []

    def timed(*arguments):
        began = time.perf_counter()
        add_up(*arguments)
        took.append(time.perf_counter() - began)

    in_one_call(1, 1, a_sum(1))
    job = a_sum(1, work=50_000)
    team.in_portions(timed, 1, job, 2000)
    assert len(took) > 5
    assert np.median(took) < 0.5


@pytest.mark.parametrize("threads", [1, 3])
def test_an_interrupt_between_portions_leaves_nothing_running(threads):
    calls = []

    def interrupted(*arguments):
        add_up(*arguments)
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt

    job = a_sum(threads, work=1000)
    with pytest.raises(KeyboardInterrupt):
        team.in_portions(interrupted, threads, job, 100_000)
    done = job.sums.copy()
    assert done.sum() > 0
    time.sleep(0.05)
    np.testing.assert_array_equal(job.sums, done)
    end = int(job.turns[team.END])
    assert done.sum() == 1000 * (end * (end - 1) // 2)  # all parts so far, and none beyond


def test_ctrl_c_is_heard_while_a_long_job_is_done():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        in_one_call(2, 10, a_sum(2))
        timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            team.in_portions(add_up, 2, a_sum(2, work=10_000), 10**7)
        timer.join()
        assert time.monotonic() - began < 10
    finally:
        signal.signal(signal.SIGINT, before)
