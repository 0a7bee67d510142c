"""A cortical network that runs in a thread, at the pace of the clock, while its sliders are moved."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number, one_of, whole_number
from izhi_numba.engine.pacing import Clock
from izhi_numba.explorer.controls import Control
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.settings import Settings
from izhi_numba.explorer.spectrum import Spectrum
from izhi_numba.inputs.makers import noise
from izhi_numba.models import Izhikevich
from izhi_numba.network.cortical import cortical_pool
from izhi_numba.network.pool import Pool

MODEL = Izhikevich  # of all cells
SIZES = (1000, 2000, 5000, 10_000, 20_000, 50_000)
CONTROLS = (
    Control("g_exc", "excitation", "×", 1.0, 0.0, 3.0),
    Control("g_inh", "inhibition", "×", 1.0, 0.0, 3.0),
    Control("noise", "noise", "×", 1.0, 0.0, 2.5),
    Control("drive", "drive", "", 0.0, -5.0, 15.0),
    Control("inhibitory", "inhibitory", "", 0.2, 0.05, 0.5),
)
_NOISE = {"exc": 5.0, "inh": 2.0}  # of the 2003 network
_FRAME = 1 / 30  # s
_LONGEST = 50  # ms in one frame
_UNSEEN = 3  # frames that may be under way
_ROWS = 240  # of the raster, at most
_SLOW = 0.95  # of real time
_SETTLED = 0.5  # s from which on the pace is told
_ONE_THREAD = 20_000  # neurons up to which one thread is plenty
_KICKED = 10  # every so many excitatory cells
MOST_NETWORKS = 8  # of all views of this process
_MOST_WISHES = 1000  # that wait
_IDLE = 0.25  # s between looks at whether to go on
_PATIENCE = 0.3  # s, after which the page is told that something is built
_BUILDING = "building the network; the first time ever this compiles, for some seconds"


_views: weakref.WeakSet[Live] = weakref.WeakSet()


class Live:
    """The running network of one view, if there is one.

    A view has one thread for it: another network is built when the one before has ended.

    Parameters
    ----------
    send : function of a Frame
        Called from the network's thread.
    """

    def __init__(self, send: Callable[[Frame], None]) -> None:
        self._send = send
        self._run: _Run | None = None  # what is wanted
        self._there: _Run | None = None  # what has the thread: this one, or one that is about to end
        self._changing = threading.Lock()
        _views.add(self)

    @property
    def running(self) -> bool:
        """Whether there is a thread, perhaps one that is about to end."""
        return self._there is not None

    def receive(self, message: Mapping[str, Any], read_cell: Callable[[Any], Settings]) -> None:
        """Do what a page asks for; never waits for the network.

        Raises
        ------
        TypeError, ValueError
            With a message for the page.
        """
        actions = ("start", "set", "pause", "resume", "kick", "stop", "watch", "cells", "ack")
        action = one_of("action", message.get("action"), actions)
        if action == "start":
            n = whole_number("n", message.get("n"), at_least=SIZES[0], at_most=SIZES[-1])
            chosen = _chosen(message.get("controls", {}))
            cell = _cell(read_cell(message["cell"])) if message.get("cell") else None
            if sum(view.running for view in list(_views) if view is not self) >= MOST_NETWORKS:
                raise ValueError(f"{MOST_NETWORKS} networks run in other pages; stop one of them")
            self.stop()
            with self._changing:
                self._run = _Run(self._send, n, chosen, cell, self._begin_next)
                if self._there is None:
                    self._begin()
            return
        if action == "stop":
            self.stop()
            self._send(Frame({"kind": "pool", "state": "stopped"}))
            return
        wish = _wish(action, message, read_cell)
        if self._run is not None:
            self._run.receive(action, message, wish)

    def stop(self) -> None:
        """Let the network end."""
        run, self._run = self._run, None
        if run is not None:
            run.stop()

    def _begin(self) -> None:
        self._there = None
        if self._run is not None:
            try:
                self._run.begin()
            except RuntimeError as error:  # there are too many threads
                self._run = None
                self._send(Frame({"kind": "error", "about": "pool", "text": str(error)}))
            self._there = self._run

    def _begin_next(self) -> None:
        """Called at the end of the thread: begin what has been asked for meanwhile."""
        with self._changing:
            if self._run is self._there:
                self._run = None
            self._begin()


def _wish(
    action: str, message: Mapping[str, Any], read_cell: Callable[[Any], Settings]
) -> Callable[[_Network], None] | None:
    """What is to be done with the network between two frames."""
    if action == "set":
        chosen = _chosen(message.get("controls", {}))
        return lambda network: network.set(chosen)
    if action == "watch":
        neuron = whole_number("neuron", message.get("neuron"), at_least=0)
        return lambda network: network.watch(neuron)
    if action == "cells":
        cell = _cell(read_cell(message.get("settings")))
        return lambda network: network.make_cells(cell)
    return _Network.kick if action == "kick" else None


class _Run:
    """A network in a thread of its own."""

    def __init__(
        self,
        send: Callable[[Frame], None],
        n: int,
        chosen: dict[str, float],
        cell: dict[str, float] | None,
        ended: Callable[[], None],
    ) -> None:
        self._sink, self._ended = send, ended
        self._changed = threading.Condition()
        self._wishes: deque[Callable[[_Network], None]] = deque(maxlen=_MOST_WISHES)
        self._paused = self._stopped = False
        self._sent = self._seen = 0
        self._thread = threading.Thread(target=self._work, args=(n, chosen, cell), daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def receive(
        self, action: str, message: Mapping[str, Any], wish: Callable[[_Network], None] | None
    ) -> None:
        """Take what a page asks for."""
        with self._changed:
            if action == "ack":
                self._seen = whole_number("frame", message.get("frame"), at_least=0)
            elif action in ("pause", "resume"):
                self._paused = action == "pause"
            elif wish is not None:
                self._wishes.append(wish)
            self._changed.notify()

    def stop(self) -> None:
        """Let the thread end; nothing is sent any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _work(self, n: int, chosen: dict[str, float], cell: dict[str, float] | None) -> None:
        try:
            self._simulate(n, chosen, cell)
        finally:
            self._ended()

    def _simulate(self, n: int, chosen: dict[str, float], cell: dict[str, float] | None) -> None:
        told = threading.Timer(_PATIENCE, self._send, [Frame({"kind": "status", "text": _BUILDING})])
        told.daemon = True
        told.start()
        try:
            began = time.perf_counter()
            network = _Network(n, chosen, cell)
            built = 1000 * (time.perf_counter() - began)
            told.cancel()
            self._send(Frame({"kind": "status", "text": ""}))
            self._tell("running", n=n, synapses=network.n_synapses, build_ms=built)
            self._pace(network)
        except Exception as error:  # all that can go wrong is told in the page
            told.cancel()
            self._send(Frame({"kind": "error", "about": "pool", "text": f"{type(error).__name__}: {error}"}))
        self._tell("stopped")

    def _send(self, frame: Frame) -> None:
        if not self._stopped:
            self._sink(frame)

    def _tell(self, state: str, **more: Any) -> None:
        self._send(Frame({"kind": "pool", "state": state, **more}))

    def _pace(self, network: _Network) -> None:
        """Keep step with the clock; where that cannot be, go as fast as it goes, and say so."""
        meter = _Meter()
        due, clock = time.perf_counter(), Clock(1.0, network.simulated)
        while self._wait(due):
            with self._changed:
                wishes, paused = list(self._wishes), self._paused
                self._wishes.clear()
            for wish in wishes:
                wish(network)
            if paused:
                self._tell("paused")
                self._rest()
                self._tell("running")
                meter, due = _Meter(), time.perf_counter()
                clock.set(network.simulated)
                continue
            behind = clock.now - network.simulated
            steps = int(min(max(behind, 1), _LONGEST))
            if behind > steps + _LONGEST:  # what is lost is lost
                clock.set(network.simulated + steps)
            header, arrays = network.advance(steps)
            factor = meter.measure(network.simulated)
            self._sent += 1
            header |= {"kind": "frame", "frame": self._sent, "factor": factor, "slow": factor < _SLOW}
            self._send(Frame(header, arrays))
            due = max(due + _FRAME, time.perf_counter() - _FRAME)

    def _wait(self, due: float) -> bool:
        """Wait for the next frame's time and for the page to have seen the last ones; False: stop."""
        with self._changed:
            while not self._stopped:
                left = due - time.perf_counter()
                unseen = self._sent - self._seen >= _UNSEEN
                if self._paused or (not unseen and left <= 0):
                    return True
                self._changed.wait(_IDLE if unseen else left)
            return False

    def _rest(self) -> None:
        """Wait for the end of a pause; what is asked for meanwhile is done after it."""
        with self._changed:
            while self._paused and not self._stopped:
                self._changed.wait()


class _Meter:
    """Real-time factor over the last second."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()

    def measure(self, simulated: float) -> float:
        now = time.perf_counter()
        self._points.append((now, simulated))
        while len(self._points) > 2 and self._points[1][0] < now - 1:
            self._points.popleft()
        first, before = self._points[0]
        return (simulated - before) / 1000 / (now - first) if now - first > _SETTLED else 1.0


class _Network:
    """The cortical network of 2003 with what the page can turn."""

    def __init__(self, n: int, chosen: dict[str, float], cell: dict[str, float] | None) -> None:
        self.n, self.cell, self.watched = n, cell, 0
        self.controls = {control.name: control.default or 0.0 for control in CONTROLS} | chosen
        self.simulated = 0.0  # ms
        self._spectrum = Spectrum(n)
        self._build()

    @property
    def n_synapses(self) -> int:
        """How many there are."""
        return sum(len(synapses) for synapses in self.pool.synapses)

    def set(self, chosen: dict[str, float]) -> None:
        """Turn some of the controls."""
        fraction = self.controls["inhibitory"]
        self.controls |= chosen
        if self.controls["inhibitory"] != fraction:
            self._build(self.pool)
        else:
            self._apply()

    def make_cells(self, cell: dict[str, float]) -> None:
        """Make all excitatory cells of one kind."""
        self.cell = cell
        self.pool["exc"].set(**cell)

    def kick(self) -> None:
        """Let every tenth excitatory cell spike."""
        self.pool["exc"].v[::_KICKED] = 40.0

    def watch(self, neuron: int) -> None:
        """Choose the neuron whose voltage is sent."""
        self.watched = min(neuron, self.n - 1)
        self.pool.record("v", neurons=[])  # no other any more
        self.pool.record("v", neurons=[self.watched])

    def advance(self, steps: int) -> tuple[dict[str, Any], dict[str, Array]]:
        """Simulate some steps of 1 ms; returns header and arrays of a frame."""
        first = round(self.pool.t)
        result = self.pool.run(float(steps))
        self.simulated += steps
        n_exc = len(self.pool["exc"])
        step = np.rint(result.spikes.t).astype(np.int64) - first - 1
        neurons = result.spikes.i.astype(np.int64)
        excitatory = neurons < n_exc
        raster, rows_exc = self._raster(step, neurons, n_exc, steps)
        counts = np.array([np.bincount(step[part], minlength=steps) for part in (excitatory, ~excitatory)])
        rates = 1000 * counts / np.array([[n_exc], [self.n - n_exc]])
        self._spectrum.add(result.spikes_per_step)
        header = {
            "t": self.simulated, "ms": steps, "n": self.n, "n_exc": n_exc, "rows_exc": rows_exc,
            "rate_exc": float(rates[0].mean()), "rate_inh": float(rates[1].mean()),
            "peak_hz": self._spectrum.peak, "watched": self.watched,
        }  # fmt: skip
        arrays = {
            "raster": raster,
            "v": result.traces["v"][:, 0].astype(np.float32),
            "rates": rates.astype(np.float32),
        }
        power = self._spectrum.fresh()
        if power is not None:
            header["spectrum_step"] = self._spectrum.resolution
            header["independent"] = self._spectrum.independent
            arrays["spectrum"] = power.astype(np.float32)
        return header, arrays

    def _raster(self, step: Array, neurons: Array, n_exc: int, steps: int) -> tuple[Array, int]:
        """Spikes per ms and row of neurons, the excitatory first; and how many rows are theirs."""
        rows = min(_ROWS, self.n)
        rows_exc = round(rows * n_exc / self.n)
        row = np.where(
            neurons < n_exc,
            neurons * rows_exc // n_exc,
            rows_exc + (neurons - n_exc) * (rows - rows_exc) // (self.n - n_exc),
        )
        counts = np.bincount(step * rows + row, minlength=steps * rows).reshape(steps, rows)
        return np.minimum(counts, 255).astype(np.uint8), rows_exc

    def _build(self, before: Pool | None = None) -> None:
        """Make the network; neurons keep their voltage and recovery."""
        pool = Pool(
            self.n, Izhikevich(), dt=1.0, scheme="net2003", seed=1,
            threads=1 if self.n <= _ONE_THREAD else None,
        )  # fmt: skip
        cortical_pool(pool, inhibitory=self.controls["inhibitory"])
        if before is not None:
            pool.set(v=before.v.copy(), u=before.u.copy())
        if self.cell is not None:
            pool["exc"].set(**self.cell)
        pool.prepare()
        self.pool = pool
        self.watch(self.watched)
        self._apply()

    def _apply(self) -> None:
        exc, inh = self.pool.synapses
        exc.gain, inh.gain = self.controls["g_exc"], self.controls["g_inh"]
        for group, sd in _NOISE.items():
            self.pool.drive(self.pool[group], self.controls["drive"] + noise(sd * self.controls["noise"]))


def _chosen(given: Any) -> dict[str, float]:
    """Numbers for controls, within their ranges."""
    if not isinstance(given, Mapping):
        raise TypeError(f"controls: expected names with values, got {given!r:.60}")
    known = {control.name: control for control in CONTROLS}
    found = {}
    for name, value in given.items():
        control = known[one_of("control", name, known)]
        number, low, high = finite_number(name, value), control.low, control.high
        assert low is not None
        assert high is not None
        if not low <= number <= high:
            raise ValueError(f"{name}: expected {low:g} to {high:g}, got {number:g}")
        found[name] = number
    return found


def _cell(settings: Settings) -> dict[str, float]:
    """Parameters of the network's own model."""
    if settings.kind is not MODEL:
        raise ValueError(
            f"the network is one of Izhikevich's 2003 model; the neuron above is of {settings.kind.__name__}"
        )
    start = Izhikevich().start(**settings.values)
    return {name: float(start[name]) for name in Izhikevich.parameters}
