"""What answers the explorer's page: settings, frames, scripts, the user's file, the running network."""

import json
import os
import re
import struct
import subprocess
import sys
import time

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.explorer import currents, neuron, tour, userfile
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.script import script
from izhi_numba.explorer.session import Session
from izhi_numba.explorer.settings import read
from izhi_numba.explorer.spectrum import Spectrum
from tests.explorer.frames import Collected

CATALOGUE = Catalogue()


def settings(**given):
    return read({"model": "Izhikevich"} | given, CATALOGUE)


def of_preset(name):
    """What a page sends when a preset is chosen."""
    told = next(one for one in CATALOGUE.as_message()["presets"] if one["name"] == name)
    keys = ("model", "values", "start", "duration", "dt", "scheme", "current")
    return {key: told[key] for key in keys} | {"preset": name}


def test_the_catalogue_is_json_and_whole():
    told = json.loads(json.dumps(CATALOGUE.as_message()))
    names = [model["name"] for model in told["models"]]
    assert {"Izhikevich", "AdEx", "HodgkinHuxley", "MorrisLecar"} <= set(names)
    assert len(told["presets"]) == len(iz.presets)
    for model in told["models"]:
        assert model["scheme"] in model["schemes"]
        assert model["amplitude"]["low"] < model["amplitude"]["default"] < model["amplitude"]["high"]
        for control in model["parameters"]:
            assert control["low"] <= control["default"] <= control["high"]
    assert {"constant", "pulse", "square", "sine", "ramp", "chirp", "ornstein_uhlenbeck", "noise"} == {
        kind["name"] for kind in told["currents"]
    }


@pytest.mark.parametrize("name", list(iz.presets))
def test_a_preset_in_the_page_is_the_preset(name):
    chosen = read(of_preset(name), CATALOGUE)
    np.testing.assert_array_equal(chosen.simulate().spike_times, iz.simulate(name).spike_times)


@pytest.mark.parametrize("name", list(currents.KINDS))
def test_every_kind_of_current_drives(name):
    told = next(kind for kind in currents.as_messages() if kind["name"] == name)
    given = {control["name"]: control["default"] or 0 for control in told["controls"]}
    given |= {"kind": name, "amplitude": 12}  # an integer, as JSON has it
    result = settings(current=given).simulate()
    assert np.ptp(result.I) > 0
    np.testing.assert_array_equal(result.I[:999], 0)  # nothing before its onset


REFUSED = [
    ({"model": "Nothing"}, ValueError, "model: expected one of"),
    ({"values": {"a": float("nan")}}, ValueError, "a: expected a finite number"),
    ({"values": {"a": "x"}}, TypeError, "a: expected a finite number"),
    ({"values": {"zz": 1.0}}, ValueError, "values: Izhikevich has no 'zz'; there are a, b, c, d"),
    ({"values": [1.0]}, TypeError, "values: expected names with values"),
    ({"start": {"a": 1.0}}, ValueError, "start: Izhikevich has no 'a'; there are v, u"),
    ({"dt": 0}, ValueError, "dt: expected a step above 0"),
    ({"dt": 1e-9}, ValueError, "are 1e\\+12 steps"),
    ({"duration": -5}, ValueError, "dt: expected a step above 0 and not above the duration"),
    ({"scheme": "exact"}, ValueError, "scheme: expected one of"),
    ({"seed": -1}, ValueError, "seed: expected a whole number"),
    ({"seed": 1.5}, TypeError, "seed: expected a whole number"),
    ({"kicks": "now"}, ValueError, "kicks: expected a list"),
    ({"kicks": [0.05], "dt": 5e-7, "duration": 0.1}, ValueError, "kicks: how large one .* 2e\\+07 steps"),
    ({"kicks": [1.0] * 1000}, ValueError, "kicks: expected a list of up to 100"),
    (
        {"model": "LeakyIntegrateAndFire", "values": {"V_th": 1e9}, "kicks": [1.0]},
        ValueError,
        "kick: no pulse of 2 ms makes this neuron spike",
    ),
    ({"current": {"kind": "lightning"}}, ValueError, "current: expected one of"),
    ({"current": {"kind": "protocol"}}, ValueError, "current: expected one of"),
    ({"current": {"kind": "sine", "period": 0}}, ValueError, "period: expected a number above 0"),
    ({"current": {"kind": "pulse", "length": -3}}, ValueError, "length: expected a number above 0"),
    ({"current": 5}, TypeError, "current: expected names with values"),
    ({"spike_times": "soon"}, ValueError, "spike_times: expected one of"),
]


@pytest.mark.parametrize(("given", "error", "message"), REFUSED)
def test_what_makes_no_sense_is_refused(given, error, message):
    with pytest.raises(error, match=message):
        settings(**given).simulate()


@pytest.mark.parametrize("name", list(CATALOGUE.models))
def test_all_that_is_shown_of_a_model(name):
    kind = CATALOGUE.models[name]
    low, high = kind.I_range
    amplitude = low + 0.6 * (high - low)
    chosen = settings(
        model=name,
        duration=300,
        kicks=[200.0],
        current={"kind": "constant", "amplitude": amplitude, "onset": 50},
    )
    result = chosen.simulate()
    trace, plane = neuron.trace(chosen, result, 400, None), neuron.plane(chosen, result)
    curve = neuron.curve(chosen, result)
    band = trace.arrays["band"]
    assert band.shape == (len(kind.states) + 1, 400, 2)
    assert (band[..., 0] <= band[..., 1]).all()
    assert band[0].max() == np.float32(result.traces[kind.voltage].max())
    path = trace.arrays["path"]
    assert (np.diff(path[0]) >= 0).all()
    assert path.shape[0] == 1 + len(kind.states)
    assert trace.header["spikes"] == len(trace.arrays["spikes"]) == len(result.spike_times) > 0
    n = len(kind.states)
    is_planar = n == 2 if kind.advance is None else n > 1  # of a map the orbit alone is shown
    assert plane.header["form"] == ("plane" if is_planar else "line")
    if "along" in plane.arrays:
        assert plane.arrays["along"].shape == (2, path.shape[1])
    else:
        size = np.hypot(plane.arrays["field"][..., 0], plane.arrays["field"][..., 1])
        assert np.nanmax(np.abs(size - 1)) < 1e-5
    assert curve.arrays["rate"].max() > 0 or name == "IzhikevichAccommodation"  # which answers changes alone
    for frame in (trace, plane, curve):
        assert isinstance(frame.packed(), bytes)


def test_frames_are_packed_as_the_page_unpacks_them():
    arrays = {"one": np.arange(3, dtype=np.float32), "two": np.array([[1, 2]], np.uint8)}
    block = Frame({"kind": "x", "bad": float("nan")}, arrays).packed()
    (length,) = struct.unpack_from("<I", block)
    header = json.loads(block[4 : 4 + length])
    assert header["bad"] is None
    at = -(-(4 + length) // 8) * 8
    for told, size, array in zip(header["arrays"], header["lengths"], arrays.values(), strict=True):
        found = np.frombuffer(block[at : at + size], told["dtype"]).reshape(told["shape"])
        np.testing.assert_array_equal(found, array)
        at = -(-(at + size) // 8) * 8
    assert at == len(block)


def test_a_long_run_is_thinned_but_keeps_its_peaks():
    chosen = settings(
        model="HodgkinHuxley", current={"kind": "constant", "amplitude": 400.0}, duration=2000, dt=0.02
    )
    result = chosen.simulate()
    path = neuron.trace(chosen, result, 500, None).arrays["path"]
    assert path.shape[1] < 6000 < len(result.t)
    peaks = [result.v[(result.t > t) & (result.t < t + 3)].max() for t in result.spike_times[2:20]]
    shown = [path[1][(path[0] > t) & (path[0] < t + 3)].max() for t in result.spike_times[2:20]]
    np.testing.assert_allclose(shown, peaks, atol=6)


SCRIPTS = [
    of_preset("RS"),
    of_preset("tonic bursting"),
    of_preset("resonator"),
    of_preset("AdEx irregular spiking"),
    of_preset("2007 TC burst"),
    {"model": "Izhikevich", "values": {"a": 0.1, "d": 2.5}, "kicks": [50, 301.5], "duration": 500, "seed": 7,
     "current": {"kind": "noise", "amplitude": 4, "offset": 3, "onset": 0}},
    {"model": "AdEx", "start": {"w": 50}, "scheme": "rk4", "spike_times": "interpolated", "duration": 400,
     "current": {"kind": "ornstein_uhlenbeck", "amplitude": 100, "offset": 600, "onset": 10, "tau": 5}},
    {"model": "HodgkinHuxley", "duration": 200, "current": {"kind": "chirp", "amplitude": 200, "onset": 10,
     "length": 150, "first_frequency": 5, "last_frequency": 50, "offset": 100}},
]  # fmt: skip


def printed(text, folder):
    done = subprocess.run(
        [sys.executable, "-c", text], capture_output=True, text=True, check=False, cwd=folder,
        env=os.environ | {"MPLBACKEND": "Agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_scripts_run_and_give_the_same_spikes(tmp_path):
    chosen = [read(given, CATALOGUE) for given in SCRIPTS]
    texts = [script(one).replace('result.plot().savefig("neuron.png")', "") for one in chosen]
    counts = printed("\n".join(texts), tmp_path)
    assert [int(count) for count in counts] == [len(one.simulate().spike_times) for one in chosen]
    assert printed(script(chosen[0]), tmp_path) == [counts[0]]
    assert (tmp_path / "neuron.png").exists()


@pytest.mark.parametrize("name", list(iz.presets))
def test_a_script_has_round_numbers_in_short_lines(name):
    for change in ({}, {"kicks": [50.0]}, {"duration": 70.1}):
        text = script(read(of_preset(name) | change, CATALOGUE))
        assert not re.search(r"\.\d{6}", text)
        assert max(map(len, text.splitlines())) < 60


def test_an_onset_that_was_changed_is_the_one_that_is_shown():
    given = of_preset("RS")
    given["current"] |= {"amplitude": 12}
    assert "iz.step(12, start=15)" in script(read(given, CATALOGUE))


def test_the_rate_leaves_out_the_time_before_the_current():
    def rate(duration=1500.0, **given):
        chosen = settings(duration=duration, dt=0.5, **given)
        result = chosen.simulate()
        told = neuron.trace(chosen, result, 800, None).header["readouts"][1]
        return told["value"], told["title"], np.count_nonzero(result.spike_times > 1000)

    steady = {"kind": "constant", "amplitude": 10, "onset": 1000}
    value, title, spikes = rate(current=steady)
    assert value == 2 * spikes > 0
    assert title == "from the onset of the current, at 1000 ms, to the end"
    value, _, spikes = rate(current=steady, kicks=[100.0])
    assert value == 2 * spikes
    value, _, spikes = rate(current={"kind": "pulse", "amplitude": 10, "onset": 1000, "length": 500})
    assert value == 2 * spikes > 0
    value, title, _ = rate(current=steady | {"onset": 0})
    assert (value > 0, title) == (True, "over the whole run")
    assert np.isnan(rate(900.0, current=steady)[0])


OWN = """
import izhi_numba as iz
class Helper(iz.Model):
    v = iz.State(0.0)
    advance = lambda v: v + 1
    threshold = lambda v: v > 5
    reset = lambda: 0.0
class Theta(iz.Model):
    v = iz.State(0.0, unit="mV")
    speed = iz.Parameter(1.5, unit="mV/ms", range=(0, 3))
    def derivatives(v, speed): return speed
    def threshold(v): return v >= 10
    def reset(): return 0.0
"""


def test_models_of_a_users_file(tmp_path):
    path = tmp_path / "my_models.py"
    path.write_text(OWN)
    catalogue = Catalogue(userfile.load(f"{path}:Theta").models)
    assert list(catalogue.models)[:2] == ["Theta", "Helper"]
    told = catalogue.as_message()
    assert told["model"] == "Theta"
    (control,) = told["models"][0]["parameters"]
    assert (control["name"], control["unit"], control["low"], control["high"]) == ("speed", "mV/ms", 0, 3)
    chosen = read({"model": "Theta", "values": {"speed": 2.5}, "duration": 100}, catalogue)
    assert printed(script(chosen), tmp_path) == [str(len(chosen.simulate().spike_times))] == ["25"]
    mapped = read({"model": "Helper", "duration": 60, "dt": 1}, catalogue)
    result = mapped.simulate()
    assert neuron.trace(mapped, result, 100, None).header["spikes"] == 10
    plane = neuron.plane(mapped, result)
    assert (plane.header["form"], plane.header["title"]) == ("line", "Next value")
    x, following = plane.arrays["along"]
    np.testing.assert_array_equal(following[1:4], x[2:5])
    assert [kind.__name__ for kind in userfile.load(str(path)).models] == ["Helper", "Theta"]


NETS = """
import izhi_numba as iz
made = iz.Pool(3, seed=1)
class Own(iz.Model):
    v = iz.State(0.0)
    advance = lambda v: v + 1
    threshold = lambda v: v > 5
    reset = lambda: 0.0
def build(n=4):
    'A pool of four.'
    return iz.Pool(n, seed=1)
def asks(n):
    return iz.Pool(n)
def fails():
    return iz.Pool(0)
def leaves():
    raise SystemExit(3)
def placed():
    return iz.Pool(5, seed=1), [[0, 1], [1, 0], [2, 0], [0, 2], [3, 3]], "more"
"""


@pytest.mark.parametrize(
    ("text", "place", "error", "message"),
    [
        ("def broken(:\n", "", ValueError, r"bad.py, line 1: "),
        ("\n1 / 0\n", "", ValueError, r"bad.py, line 2: ZeroDivisionError: division by zero"),
        (
            "import izhi_numba as iz\nclass M(iz.Model):\n    v = iz.State()\n",
            "",
            ValueError,
            "line 2: TypeError: M.v: a default",
        ),
        (
            "x = 1\n",
            "",
            ValueError,
            "no model, and no network build, in .*bad.py; there are none; a model is",
        ),
        (
            NETS,
            ":asks",
            ValueError,
            "no model or network asks in .*; asks has to be called with nothing: give",
        ),
        (
            "import izhi_numba as iz\nnet = iz.Pool(3)\n",
            "",
            ValueError,
            "no model, and no network build, in .*bad.py; there are net$",
        ),
        ("def build(n): pass\n", "", ValueError, "build has to be called with nothing: give its arguments"),
        ("import sys\n\nsys.exit('no data')\n", "", ValueError, "bad.py, line 3: SystemExit: no data"),
        (OWN, ":Thota", ValueError, "no model or network Thota in .*bad.py; there are Helper, Theta"),
        (None, "", OSError, "expected a Python file, such as my_models.py:Theta"),
    ],
)
def test_what_is_wrong_with_a_users_file(text, place, error, message, tmp_path):
    path = tmp_path / "bad.py"
    if text is not None:
        path.write_text(text)
    with pytest.raises(error, match=message):
        userfile.load(f"{path}{place}")


def test_networks_of_a_users_file(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    for place, title, words, n in (
        (f"{path}", "nets", "A pool of four.", 4), (f"{path}:build", "nets", "A pool of four.", 4),
        (f"{path}:placed", "placed", "The network of nets.py.", 5),
        (f"{path}:made", "made", "The network of nets.py.", 3),
    ):  # fmt: skip
        models, (exhibit,) = userfile.load(place)
        assert [kind.__name__ for kind in models] == ["Own"]
        assert (exhibit.title, exhibit.words) == (title, words)
        assert exhibit.opened({})[0].size == n
        (told,) = printed(exhibit.code({}) + "\nprint(net.size)", tmp_path)  # it runs by itself
        assert int(told) == n
    catalogue = Catalogue(networks=[exhibit])
    assert catalogue.as_message()["opened"] == "nets.py:made"
    assert next(iter(catalogue.networks)) == "nets.py:made"
    assert userfile.load(f"{path}:Own").networks == []
    (exhibit,) = userfile.load(f"{path}:fails").networks
    with pytest.raises(ValueError, match=r"nets\.py, line 15: ValueError: n: expected"):
        exhibit.opened({})
    (exhibit,) = userfile.load(f"{path}:leaves").networks
    with pytest.raises(ValueError, match=r"nets\.py, line 17: SystemExit: 3"):
        exhibit.opened({})


def test_a_network_of_a_file_that_has_run_on_says_so(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    (exhibit,) = userfile.load(f"{path}:made").networks
    net, _ = exhibit.opened({})
    assert "not in this script" not in exhibit.code({})
    net.run(20.0)
    exhibit.opened({})
    told = "# not in this script: what was done to it before it was opened again, at t = 20 ms"
    assert exhibit.code({}).endswith(told)


@pytest.mark.parametrize("name", ["json.py", "my-models.py", "class.py", "numpy.py"])
def test_a_users_file_may_be_called_as_it_likes(name, tmp_path):
    path = tmp_path / name
    path.write_text(OWN)
    before = sys.modules.get(path.stem)
    catalogue = Catalogue(userfile.load(f"{path}:Theta").models)
    assert sys.modules.get(path.stem) is before
    chosen = read({"model": "Theta", "values": {"speed": 2.5}, "duration": 100}, catalogue)
    text = script(chosen)
    assert "explored.Theta" in text
    if name == "my-models.py":
        assert printed(text, tmp_path) == ["25"]


@pytest.fixture
def session():
    sent = Collected()
    one = Session(CATALOGUE, sent)
    yield one, sent
    one.close()
    deadline = time.monotonic() + 10
    while one.busy:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_session_answers(session):
    one, sent = session
    one.receive({"kind": "hello"})
    assert sent.wait(lambda header: header["kind"] == "catalogue").header["tour"]
    one.receive({"kind": "neuron", "seq": 4, "width": 300, "settings": of_preset("FS")})
    frames = [
        sent.wait(lambda header, kind=kind: header["kind"] == kind) for kind in ("trace", "plane", "curve")
    ]
    assert [frame.header["seq"] for frame in frames] == [4, 4, 4]
    assert frames[0].header["spikes"] == len(iz.simulate("FS").spike_times)
    one.receive({"kind": "text", "seq": 5, "what": "python", "settings": of_preset("FS")})
    assert "iz.simulate(" in sent.wait(lambda header: header["kind"] == "text").header["text"]
    one.receive({"kind": "text", "seq": 6, "what": "csv", "settings": of_preset("FS")})
    lines = sent.wait(lambda header: header.get("what") == "csv").header["text"].splitlines()
    assert lines[0] == "t,v,u,I,spike"
    assert sum(int(line.endswith(",1")) for line in lines) == len(iz.simulate("FS").spike_times)


def test_the_newest_request_wins(session):
    one, sent = session
    for seq in range(60):
        given = of_preset("RS") | {"values": {"a": 0.02 + 0.001 * seq}}
        one.receive({"kind": "neuron", "seq": seq, "width": 300, "settings": given})
    sent.wait(lambda header: header["kind"] == "curve" and header["seq"] == 59)
    traces = [frame.header["seq"] for frame in sent if frame.header["kind"] == "trace"]
    assert traces == sorted(traces)
    assert len(traces) < 60


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (None, "expected names with values"),
        ([1, 2], "expected names with values"),
        ({"kind": "dance"}, "kind: expected one of"),
        ({"kind": ["neuron"]}, "kind: expected one of"),
        ({"kind": "neuron", "seq": "x", "settings": {}}, "seq: expected a whole number"),
        ({"kind": "neuron", "seq": 1, "width": 10**9, "settings": {}}, "width: expected a whole number"),
        ({"kind": "neuron", "seq": 1, "settings": None}, "settings: expected names"),
        (
            {"kind": "neuron", "seq": 1, "settings": {"model": "AdEx", "values": {"C": 0}}},
            "C of the pool: expected a number above 0, got 0",
        ),
        ({"kind": "text", "what": "song", "settings": {}}, "what: expected one of"),
        ({"kind": "network", "action": "explode"}, "action: expected one of"),
        ({"kind": "network", "action": "open", "network": "atlantis"}, "network: expected one of"),
        (
            {"kind": "network", "action": "open", "network": "cortical", "options": {"neurons": 1e9}},
            "neurons: expected 100 to 100000",
        ),
        ({"kind": "network", "action": "cells", "settings": {"model": "X"}}, "model: expected one of"),
    ],
)
def test_nonsense_is_answered_with_an_error(session, message, text):
    one, sent = session
    one.receive(message)
    assert text in sent.wait(lambda header: header["kind"] == "error").header["text"]
    one.receive({"kind": "hello"})
    sent.wait(lambda header: header["kind"] == "catalogue")


def test_the_tour_knows_when_its_stops_are_reached():
    def reached(goal, **given):
        chosen = settings(**given)
        return tour.reached(goal, chosen, chosen.simulate())

    def steady(amplitude):
        return {"kind": "constant", "amplitude": amplitude}

    least = iz.rheobase(iz.Izhikevich, dt=0.1)
    assert [reached(0, current=steady(x)) for x in (0, 10)] == [False, True]
    assert [reached(1, current=steady(x * least)) for x in (0.99, 1.02, 1.2)] == [False, True, False]
    assert [reached(2, current=steady(x)) for x in (0, 10)] == [False, True]
    assert [reached(3, current=steady(10), values=x) for x in ({}, {"c": -50, "d": 2})] == [False, True]
    assert [reached(4, current=steady(20), values=x) for x in ({}, {"a": 0.1, "d": 2})] == [False, True]
    pulse = {"kind": "pulse", "amplitude": -15, "onset": 20, "length": 5}
    assert [reached(5, current=pulse, values=x) for x in ({}, {"a": 0.03, "b": 0.25, "c": -60, "d": 4})] == [
        False,
        True,
    ]
    assert not reached(17)
    assert len(tour.as_messages()) == len(tour.STOPS) == 6


def test_the_spectrum_finds_a_rhythm():
    spectrum = Spectrum(1000)
    t = np.arange(4000)
    spectrum.add(20 + 10 * np.sin(2 * np.pi * 40 * t / 1000))
    assert spectrum.peak == pytest.approx(40, abs=spectrum.resolution)
    power = spectrum.fresh()
    assert power.sum() * spectrum.resolution == pytest.approx(
        10_000**2 / 1000**2 / 2, rel=1e-3
    )  # of the rate, Hz²
    assert spectrum.fresh() is None


@pytest.mark.parametrize("rate", [0.0, 6.0, 50.0])
def test_independent_spikes_have_no_peak(rate):
    spectrum, random = Spectrum(50_000), np.random.default_rng(1)
    peaks = []
    for _ in range(100):
        spectrum.add(random.poisson(50 * rate, 500))
        peaks.append(spectrum.peak)
        power = spectrum.fresh()
    assert peaks == [None] * 100
    assert spectrum.independent == pytest.approx(2 * rate / 50_000, rel=0.05)
    assert power[2:].mean() == pytest.approx(spectrum.independent, rel=0.3)
