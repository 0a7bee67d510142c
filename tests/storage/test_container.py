"""Files are whole or not there; what is damaged, foreign or newer is told, and nothing is loaded."""

import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import zipfile

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.storage import container
from tests.network import drawn
from tests.storage.damage import try_to_load


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a file."""
    path = tmp_path_factory.mktemp("whole") / "net.izhi"
    net = drawn.network(
        4, [drawn.connect, drawn.connect, drawn.weights, drawn.run, drawn.record, drawn.drive]
    )
    net.save(path)
    return path.read_bytes()


class Learning(iz.Plasticity):
    """A rule with variables and traces of both sides."""

    bounds = (0.0, "w_max")
    x, y = iz.SourceTrace("tau"), iz.TargetTrace("tau")
    c = iz.State(0.5)
    tau, w_max = iz.Parameter(20.0), iz.Parameter(2.0, at_least=0)

    def on_pre(w, y):
        return w - 0.01 * y

    def on_post(w, c, x):
        return w + 0.01 * x, 0.9 * c + x


def learning_network():
    """A network with synapses that learn at both places, of one delay and of several."""
    net = iz.Network(dt=0.5, seed=3, threads=2)
    exc, inh = net.pool("exc", 30), net.pool("inh", 20, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A})
    exc.drive(exc, np.linspace(5.0, 30.0, 30))
    inh.drive(inh, np.linspace(5.0, 30.0, 20))
    given = {"rule": iz.fixed_outdegree(5), "weight": iz.uniform(0, 1), "plasticity": Learning()}
    net.connect("exc", "inh", delay=iz.integers(1, 9), receptor="ampa", **given)
    net.connect("exc", "inh", delay=iz.integers(1, 9), receptor="gaba", delay_at="axon", **given)
    net.connect("inh", "exc", delay=2.0, **given)
    net.step(90)
    return net


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    """The bytes of a file of a network that learns."""
    path = tmp_path_factory.mktemp("learned") / "net.izhi"
    learning_network().save(path)
    return path.read_bytes()


def signalled_network():
    """A network with synapses that hear of a modulator, others that hear of ticks, and some of nothing."""
    net = iz.Network(dt=0.5, seed=3, threads=2)
    cells = net.pool("cells", 30)
    cells.drive(cells, np.linspace(5.0, 30.0, 30))
    for rule in (iz.DopamineSTDP(), iz.DerivativeSTDP(every=10.0), Learning()):
        net.connect(
            "cells", "cells", rule=iz.fixed_outdegree(5), weight=iz.uniform(0, 1), delay=iz.integers(1, 9),
            plasticity=rule,
        )  # fmt: skip
    net.step(60)
    net.synapses[0].modulate(d=0.5)
    net.step(30)
    return net


@pytest.fixture(scope="module")
def signalled(tmp_path_factory):
    """The bytes of a file of a network whose synapses hear of signals."""
    path = tmp_path_factory.mktemp("signalled") / "net.izhi"
    signalled_network().save(path)
    return path.read_bytes()


@pytest.fixture(params=["whole", "learned"])
def either(request):
    """The bytes of a file, of a network that learns or of one that does not."""
    return request.getfixturevalue(request.param)


def rewritten(path, whole, change, **options):
    """Write the file with its text changed, and checksums that fit."""
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as old:
        members, comment = {name: old.read(name) for name in old.namelist()}, old.comment
    text = json.loads(members["manifest.json"])
    change(text)
    members["manifest.json"] = json.dumps(text).encode()
    words = comment.decode().split()
    words[-1] = hashlib.sha256(members["manifest.json"]).hexdigest()
    with zipfile.ZipFile(path, "w", **options) as new:
        for name, data in members.items():
            new.writestr(name, data)
        new.comment = " ".join(words).encode()


def test_numpy_opens_it(tmp_path):
    pool = iz.Pool(100, seed=1)
    pool.run(5.0)
    pool.save(tmp_path / "pool.izhi")
    with np.load(tmp_path / "pool.izhi") as file:
        np.testing.assert_array_equal(file["engine/populations/0/arrays/v"], pool.v)


def test_the_same_state_is_the_same_file(tmp_path):
    pool = iz.Pool.cortical(100, seed=1)
    for name in ("one", "other"):
        pool.save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(("bytes_", "told"), [
    (b"", "this is none"), (b"izhi", "this is none"), (b"PK\x03\x04" + b"x" * 90, "this is none; or it is cut off"),
])  # fmt: skip
def test_foreign_files(tmp_path, bytes_, told):
    path = tmp_path / "net.izhi"
    path.write_bytes(bytes_)
    with pytest.raises(ValueError, match=told):
        iz.load(path)
    np.savez(tmp_path / "other.npz", v=np.zeros(3))
    with pytest.raises(ValueError, match=r"expected a file that pool.save or net.save has written"):
        iz.load(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError):
        iz.load(tmp_path / "nothing")


def test_a_newer_file(tmp_path, whole):
    path = tmp_path / "net.izhi"
    path.write_bytes(whole.replace(b"izhi_numba checkpoint 1 ", b"izhi_numba checkpoint 2 "))
    with pytest.raises(
        ValueError, match="a newer izhi_numba has written it, in format 2; this one reads up to"
    ):
        iz.load(path)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
def test_cut_off(tmp_path, whole, share):
    path = tmp_path / "net.izhi"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="cut off"):
        iz.load(path)


def test_damaged_files(tmp_path, either):
    refused, _ = try_to_load(tmp_path / "net.izhi", either, range(250))
    assert refused > 230


def test_no_memory_is_taken_for_what_is_not_there(tmp_path, either):
    _, most = try_to_load(tmp_path / "net.izhi", either, range(250, 280), tracing=True)
    assert most < 30 * len(either)


@pytest.mark.slow
def test_many_damaged_files(tmp_path, either):
    refused, most = try_to_load(tmp_path / "net.izhi", either, range(1000, 11000), tracing=True)
    assert refused > 9000
    assert most < 30 * len(either)


def population(text):
    """What a text says of the first population."""
    return text["content"]["dict"]["state"]["dict"]["engine"]["dict"]["populations"]["tuple"][0]["dict"]


def array_of(text, name):
    """What a text says of an array of the first population."""
    return text["arrays"][population(text)["arrays"]["dict"][name]["array"]]


def deep(text):
    for _ in range(400):
        text["content"] = [text["content"]]


def engine(text):
    """What a text says of the engine."""
    return text["content"]["dict"]["state"]["dict"]["engine"]["dict"]


def synapses(text):
    """What a text says of the columns of the projection with weights written by hand."""
    listed = [one["dict"]["columns"]["fields"] for one in text["content"]["dict"]["synapses"]]
    return max(listed, key=lambda one: text["arrays"][one["weights"]["array"]][-2][0])


def model(text):
    """What a text says of the model of the first population."""
    return population(text)["model"]["made"]


V, W = (lambda text: array_of(text, "v")), (lambda text: array_of(text, "w"))
LIES = {
    "a huge population": (lambda text: population(text).update(n=2**31 - 1), "damaged"),
    "a population below zero": (lambda text: population(text).update(n=-1), "the size of 'exc'"),
    "a huge array": (lambda text: V(text).__setitem__(2, [2**60]), "an array of shape .* bytes"),
    "an empty huge array": (lambda text: V(text).__setitem__(2, [0, 2**40]), "is not what the text says|too long"),
    "a long header": (lambda text: text["arrays"].append(0) or V(text).__setitem__(2, []), "a header that is too long|is not what"),
    "an array of objects": (lambda text: V(text).__setitem__(1, "|O"), "an array of object with 1 dimensions"),
    "another array": (lambda text: V(text).__setitem__(0, W(text)[0]), "is another one"),
    "another type": (lambda text: V(text).__setitem__(1, "<i4"), "is not what the text says"),
    "an array that is not there": (lambda text: V(text).__setitem__(0, "../v"), "damaged"),
    "a class of any name": (lambda text: text["content"]["dict"].update(kind="ZipFile"), "damaged"),
    "a value of any name": (lambda text: text["content"].update({"is": "Popen", "fields": {}}), "'Popen'"),
    "a kind of value": (lambda text: population(text).update(n={"call": 1}), "a value of the kind 'call'"),
    "a field of another type": (lambda text: population(text).update(name={"is": "Sine", "fields": {"frequency": "x"}}), "Sine.frequency is 'x'"),
    "code of any name": (lambda text: text["code"][0].update(module="os", name="system"), "os.system is not there"),
    "a function for a model": (
        lambda text: text["code"][0].update(module="tests.network.drawn", name="wave"), "wave is not there"),
    "no function of numpy": (
        lambda text: text["code"][0].update({"is": "ufunc", "name": "load"}), "numpy has no load"),
    "a number for a model": (lambda text: model(text).update(of={"float": "3"}), "3.0 is no model"),
    "what a model does not have": (
        lambda text: model(text)["with"]["dict"]["defaults"]["dict"].update(size=1.0), "has no size"),
    "what no model has": (lambda text: model(text)["with"]["dict"].update(states=1), "with defaults, drawn, states|with .*states"),
    "another default": (
        lambda text: model(text)["with"]["dict"]["defaults"]["dict"].update(C={"float": "inf"}), "with .*inf.* and"),
    "a small array of text": (lambda text: text["arrays"].__setitem__(0, ["<U1", [1], "AAAA"]), "an array of <U1"),
    "a number for a place": (lambda text: V(text).__setitem__(2, ["3"]), "expected a whole number, got '3'"),
    "pairs out of reach": (
        lambda text: synapses(text).update(low=synapses(text)["weights"]), "synapses that do not suit their projection"),
    "nothing": (lambda text: text.clear(), "damaged"),
    "no content": (lambda text: text.update(content=None), "damaged"),
    "depth": (deep, "damaged"),
    "another clock": (lambda text: engine(text)["setting"]["dict"].update(clock=3), "the clock"),
    "another kind of population": (
        lambda text: text["content"]["dict"]["state"]["dict"].update(kinds=["Neurons", "Neurons", "x", "y"]), "pool 'trains' was saved with rate"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_lies_with_the_right_checksums(tmp_path, whole, lie):
    path, (change, told) = tmp_path / "net.izhi", LIES[lie]
    rewritten(path, whole, change)
    with pytest.raises(ValueError, match=rf"net\.izhi: .*({told})"):
        iz.load(path)


def remembered(text):
    """What a text says that synapses of the first projection remember."""
    of_learned = text["content"]["dict"]["state"]["dict"]["learned"]["dict"]
    return of_learned["remembered"][0]["tuple"][1]["fields"]


def logged(text):
    """What a text says that is logged of the second population."""
    of_learned = text["content"]["dict"]["state"]["dict"]["learned"]["dict"]
    return of_learned["logs"][1][0]["fields"]


def sent(text):
    """What a text says that synapses have sent to the second population."""
    of_learned = text["content"]["dict"]["state"]["dict"]["learned"]["dict"]
    return of_learned["sent"][1][0]["fields"]


def rule_of(text):
    """What a text says of the rule of the first projection as it is now, and of its place."""
    return engine(text)["projections"][0]["dict"]["learning"]["fields"]


def written_anew(of, name, change):
    """Write an array of the text otherwise: into the text itself."""

    def lie(text, array_of):
        node = of(text)[name]
        array = change(array_of(text["arrays"][node["array"]]))
        data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
        text["arrays"].append([array.dtype.str, [*array.shape], data])
        node["array"] = len(text["arrays"]) - 1

    return lie


def said_anew(change):
    """Change the text alone."""
    return lambda text, array_of: change(text)


def with_item(place, value):
    """Change one item of an array."""

    def changed(array):
        array = array.copy()
        array.flat[place] = value
        return array

    return changed


def swapped(stamps):
    """Bring the stamps of the first neuron that has two out of order."""
    at = int(np.argmax(np.diff(stamps) > 0))
    stamps = stamps.copy()
    stamps[at : at + 2] = stamps[at : at + 2][::-1]
    return stamps


REMEMBERS, LOGGED, SENT = (
    "what projection 0 remembers",
    "what is logged",
    "what synapses that learn have sent",
)
LIES_OF_LEARNING = {
    "too few rows": (written_anew(remembered, "last", lambda a: a[:-1]), REMEMBERS),
    "fewer rows everywhere": (
        lambda text, array_of: [
            written_anew(remembered, name, lambda a: a[:-1])(text, array_of) for name in ("last", "traces")
        ], "remembers is of other synapses"),
    "no rows": (
        lambda text, array_of: [
            written_anew(remembered, name, lambda a: a[:1])(text, array_of) for name in ("last", "traces")
        ], "remembers is of other synapses"),
    "spikes of a row too many": (written_anew(remembered, "last", lambda a: np.repeat(a, 2, axis=1)), REMEMBERS),
    "stamps of another type": (written_anew(remembered, "last", lambda a: a.astype(np.int32)), REMEMBERS),
    "a source that spikes later": (written_anew(remembered, "last", with_item(3, 2**40)), REMEMBERS),
    "a source that spikes now": (written_anew(remembered, "last", with_item(3, 90)), REMEMBERS),
    "a source that spiked before time 0": (written_anew(remembered, "last", with_item(3, -7)), REMEMBERS),
    "traces that are no numbers": (written_anew(remembered, "traces", with_item(3, np.nan)), REMEMBERS),
    "traces without end": (written_anew(remembered, "traces", with_item(3, np.inf)), REMEMBERS),
    "traces below 0": (written_anew(remembered, "traces", with_item(3, -1.0)), REMEMBERS),
    "traces in double": (written_anew(remembered, "traces", lambda a: a.astype(np.float64)), REMEMBERS),
    "fewer variables": (written_anew(remembered, "variables", lambda a: a[:0]), REMEMBERS),
    "variables of fewer synapses": (
        written_anew(remembered, "variables", lambda a: a[:, 1:]), "remembers is of other synapses"),
    "variables of whole numbers": (written_anew(remembered, "variables", lambda a: a.astype(np.int32)), REMEMBERS),
    "a row of variables": (written_anew(remembered, "variables", lambda a: a[0]), REMEMBERS),
    "an unknown projection": (
        said_anew(lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"]["remembered"][0]["tuple"]
                  .__setitem__(0, 9)), "who remembers"),
    "a projection twice": (
        said_anew(lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"]["remembered"][0]["tuple"]
                  .__setitem__(0, 1)), "who remembers"),
    "another value that remembers": (
        said_anew(lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"]["remembered"][0]["tuple"]
                  .__setitem__(1, {"dict": {}})), "damaged|last"),
    "axons of which the spike before comes later": (
        lambda text, array_of: written_anew(
            lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"]["remembered"][1]["tuple"][1][
                "fields"], "last", lambda a: np.repeat(a.max(axis=1, keepdims=True), 2, axis=1))(text, array_of),
        "what projection 1 remembers"),
    "spikes of fewer neurons": (written_anew(logged, "counts", lambda a: a[:-1]), LOGGED),
    "spikes below 0": (written_anew(logged, "counts", with_item([0, 1], [-2**40, 2**40])), LOGGED),
    "more spikes than there are": (written_anew(logged, "counts", with_item(0, 99)), LOGGED),
    "stamps that are missing": (written_anew(logged, "stamps", lambda a: a[1:]), LOGGED),
    "stamps out of order": (written_anew(logged, "stamps", swapped), LOGGED),
    "stamps that are doubled": (written_anew(logged, "stamps", lambda a: np.full_like(a, a.min())), LOGGED),
    "spikes in the future": (written_anew(logged, "stamps", with_item(-1, 91)), LOGGED),
    "spikes before the log": (written_anew(logged, "stamps", with_item(0, -3)), LOGGED),
    "traces of targets that are no numbers": (written_anew(logged, "traces", with_item(0, np.nan)), LOGGED),
    "more traces of targets": (written_anew(logged, "traces", lambda a: np.repeat(a, 2, axis=1)), LOGGED),
    "another log": (said_anew(lambda text: logged(text).update(since=1)), LOGGED),
    "a log that nobody asks": (
        said_anew(lambda text: logged(text)["taus"]["tuple"].__setitem__(0, 7.0)), LOGGED),
    "a log of more traces": (
        said_anew(lambda text: logged(text)["nearest"]["tuple"].append(True)), LOGGED),
    "a log twice": (
        said_anew(lambda text: (its := text["content"]["dict"]["state"]["dict"]["learned"]["dict"]["logs"][1])
                  .append(its[0])), LOGGED),
    "no logs": (
        said_anew(lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"].update(logs=[])), LOGGED),
    "sums of more neurons": (written_anew(sent, "sums", lambda a: np.repeat(a, 2, axis=1)), SENT),
    "sums of no step": (written_anew(sent, "sums", lambda a: a[:0]), SENT),
    "sums that are no numbers": (written_anew(sent, "sums", with_item(3, np.inf)), SENT),
    "sums in double": (written_anew(sent, "sums", lambda a: a.astype(np.float64)), SENT),
    "sums of no receptor": (said_anew(lambda text: sent(text).update(receptor="nmda")), SENT),
    "something else remembered": (
        said_anew(lambda text: text["content"]["dict"]["state"]["dict"]["learned"]["dict"].update(more=1)),
        "what is remembered"),
    "another place of delays": (said_anew(lambda text: rule_of(text).update(delay_at="soma")), "projection 0"),
    "another step": (said_anew(lambda text: rule_of(text).update(dt=0.25)), "projection 0"),
    "another precision": (
        said_anew(lambda text: rule_of(text).update(dtype={"dtype": "float64"})), "projection 0"),
    "no rule": (said_anew(lambda text: rule_of(text).update(rule=3)), "Learning.rule is 3"),
    "a time constant below 0": (
        said_anew(lambda text: rule_of(text)["rule"]["made"]["with"]["dict"]["defaults"]["dict"].update(tau=-1.0)),
        "tau: expected a number above 0"),
    "a time constant without end": (
        said_anew(lambda text: rule_of(text)["rule"]["made"]["with"]["dict"]["defaults"]["dict"].update(tau=1e30)),
        "can be computed for time constants of up to 5e.11 ms"),
    "bounds that the weights violate": (
        said_anew(lambda text: rule_of(text)["rule"]["made"]["with"]["dict"]["defaults"]["dict"].update(w_max=0.1)),
        "Learning keeps weights between 0 and 0.1, got"),
    "static synapses that learn": (
        said_anew(lambda text: text["content"]["dict"]["synapses"][0]["dict"]["plan"]["fields"].update(learning=None)),
        "projection 0"),
    "learning that is no truth": (
        said_anew(lambda text: engine(text)["projections"][0]["dict"].update(is_learning=2)), "projection 0"),
}  # fmt: skip


def lied(path, whole, change):
    """Write a file anew, with another text."""
    path.write_bytes(whole)
    with zipfile.ZipFile(path) as file:
        data = {name: file.read(name) for name in file.namelist()}

    def array_of(listed):
        if len(listed) == 3:
            return np.frombuffer(base64.b64decode(listed[2]), listed[0]).reshape(listed[1])
        return np.load(io.BytesIO(data[f"{listed[0]}.npy"]))

    rewritten(path, whole, lambda text: change(text, array_of))
    return path


@pytest.mark.parametrize("lie", LIES_OF_LEARNING)
def test_lies_about_what_was_learned(tmp_path, learned, lie):
    change, told = LIES_OF_LEARNING[lie]
    path = lied(tmp_path / "net.izhi", learned, change)
    with pytest.raises(ValueError, match=rf"net\.izhi: .*({told})"):
        iz.load(path)


def remembering(number):
    """What a text says that synapses of a projection remember: a function of the text."""

    def its(text):
        of_learned = text["content"]["dict"]["state"]["dict"]["learned"]["dict"]
        return of_learned["remembered"][number]["tuple"][1]["fields"]

    return its


def signalled_at(number, step):
    """Say that the last signal to a projection was at another step."""
    return said_anew(lambda text: remembering(number)(text).update(signalled=step))


def modulators_of(number, change):
    """Write modulators of a projection otherwise."""
    return written_anew(remembering(number), "modulators", change)


def one_more(array):
    return np.concatenate([array, np.ones(1, array.dtype)])


LIES_OF_SIGNALS = {
    "no signal to those that hear": (signalled_at(0, -1), 0),
    "no signal to those that hear of ticks": (signalled_at(1, -1), 1),
    "a signal to those that hear of none": (signalled_at(2, 50), 2),
    "a signal before time 0": (signalled_at(0, -7), 0),
    "a signal in the future": (signalled_at(0, 91), 0),
    "a signal in the far future": (signalled_at(1, 2**70), 1),
    "a signal in a step that is not whole": (signalled_at(0, 3.5), 0),
    "a signal at a truth": (signalled_at(0, True), 0),
    "a signal at a word": (signalled_at(0, "60"), 0),
    "no modulator": (modulators_of(0, lambda a: a[:0]), 0),
    "more modulators": (modulators_of(0, one_more), 0),
    "modulators of ticks": (modulators_of(1, one_more), 1),
    "modulators of those that hear of none": (modulators_of(2, one_more), 2),
    "modulators that are no numbers": (modulators_of(0, with_item(0, np.nan)), 0),
    "modulators without end": (modulators_of(0, with_item(0, np.inf)), 0),
    "modulators in double": (modulators_of(0, lambda a: a.astype(np.float64)), 0),
    "a table of modulators": (modulators_of(0, lambda a: a.reshape(1, -1)), 0),
    "variables that are no numbers": (written_anew(remembering(0), "variables", with_item(3, np.nan)), 0),
    "variables without end": (written_anew(remembering(1), "variables", with_item(3, np.inf)), 1),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES_OF_SIGNALS)
def test_lies_about_signals(tmp_path, signalled, lie):
    change, number = LIES_OF_SIGNALS[lie]
    path = lied(tmp_path / "net.izhi", signalled, change)
    with pytest.raises(ValueError, match=rf"net\.izhi: .*(what projection {number} remembers|signalled is)"):
        iz.load(path)


@pytest.mark.parametrize("step", [0, 59, 90])
def test_another_step_of_a_signal_is_a_file_of_another_network_that_goes_on(tmp_path, signalled, step):
    path = lied(tmp_path / "net.izhi", signalled, signalled_at(0, step))
    net = iz.load(path, threads=1)
    net.step(200)
    assert all(np.isfinite(one.weights).all() for one in net.synapses)
    assert np.isfinite(net.synapses[0].c).all()


def test_signals_that_are_told_without_a_lie_go_on(tmp_path, signalled):
    net, other = (
        iz.load(lied(tmp_path / "net.izhi", signalled, lambda *_: None), threads=1),
        signalled_network(),
    )
    for one in (net, other):
        one.step(90)
    for one, its in zip(net.synapses, other.synapses, strict=True):
        np.testing.assert_array_equal(one.weights, its.weights)
        assert one.modulators == its.modulators


def test_what_was_learned_and_is_told_without_a_lie_goes_on(tmp_path, learned):
    rewritten(tmp_path / "net.izhi", learned, lambda text: None)
    net, other = iz.load(tmp_path / "net.izhi", threads=1), learning_network()
    for one in (net, other):
        one.step(90)
    for one, its in zip(net.synapses, other.synapses, strict=True):
        np.testing.assert_array_equal(one.weights, its.weights)
        assert not np.array_equal(one.weights, np.full(len(one), one.weights[0]))


def test_members_that_are_not_what_they_say(tmp_path, whole):
    path = tmp_path / "net.izhi"
    path.write_bytes(whole)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr("manifest.json", b"{}")
    with pytest.raises(ValueError, match="two members of one name"):
        iz.load(path)
    rewritten(path, whole, lambda text: None)
    with zipfile.ZipFile(path, "a") as file:
        file.comment = file.comment[:-1] + b"x"
    with pytest.raises(ValueError, match="the text does not match its checksum"):
        iz.load(path)
    with zipfile.ZipFile(path, "a") as file:
        file.comment = file.comment.replace(b" 1 ", b" 0 ")
    with pytest.raises(ValueError, match="format 0"):
        iz.load(path)


def test_what_is_rewritten_without_a_lie_loads(tmp_path, whole):
    rewritten(tmp_path / "net.izhi", whole, lambda text: None)
    assert iz.load(tmp_path / "net.izhi").pools


def test_text_of_any_depth(tmp_path, whole):
    path, deep = tmp_path / "net.izhi", b"[" * 100_000
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "w") as new:
        new.writestr("manifest.json", deep)
        new.comment = f"izhi_numba checkpoint 1 {hashlib.sha256(deep).hexdigest()}".encode()
    with pytest.raises(ValueError, match="the file is damaged, and nothing was loaded"):
        iz.load(path)


def test_compressed_members_are_refused(tmp_path, whole):
    """One of a thousand times its size cannot be in a file, either."""
    path = tmp_path / "net.izhi"
    rewritten(path, whole, lambda text: None, compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="members that are compressed, or larger than the file"):
        iz.load(path)


class FullDisk:
    """A disk on which there is room for so many members."""

    def __init__(self, monkeypatch, members):
        self.left, self.add = members, container.Writer.add
        monkeypatch.setattr(container.Writer, "add", lambda *given: self.one_less(*given))

    def one_less(self, *given):
        self.left -= 1
        if self.left < 0:
            raise OSError(28, "No space left on device")
        return self.add(*given)


@pytest.mark.parametrize("members", [0, 3])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, members):
    path, pool = tmp_path / "pool.izhi", iz.Pool(50, seed=1)
    path.write_text("old")
    FullDisk(monkeypatch, members)
    with pytest.raises(OSError, match="No space left on device"):
        pool.save(path)
    assert [one.name for one in tmp_path.iterdir()] == ["pool.izhi"]
    assert path.read_text() == "old"
    pool.run(2.0)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        iz.Pool(3, seed=1).save(tmp_path / "nowhere" / "pool.izhi")


SAVING = """
    import sys
    import izhi_numba as iz
    pool = iz.Pool(20_000, seed=1)
    pool.v = -50.0
    pre = list(range(20_000))
    for _ in range(3):
        pool.connect(pool, pool, rule=iz.from_arrays(pre, pre), weight=iz.uniform(0, 1))
    pool.save(sys.argv[1])
    print("saved", flush=True)
    while True:
        pool.v += 1.0
        pool.save(sys.argv[1])
"""


def kill_while_saving(path, times):
    """Kill a process that saves, at some moments of it; after each the file has to be whole."""
    for number in range(times):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(SAVING), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout.readline() == "saved\n"
        time.sleep(0.02 + 0.0137 * number % 0.5)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        pool = iz.load(path)
        assert len(set(pool.v.tolist())) == 1
        assert pool.v[0] >= -50.0


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_while_saving(tmp_path):
    kill_while_saving(tmp_path / "pool.izhi", 1)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_while_saving_many_times(tmp_path):
    kill_while_saving(tmp_path / "pool.izhi", 100)
