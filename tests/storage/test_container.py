"""Containers: what is written is read, and what is damaged, foreign or newer is refused."""

import io
import json
import random
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from izhi_numba.storage import container

NUMBERS = st.sampled_from(["i4", "i8", "u2", "f4", "f8", "?", ">f8"])


@given(
    hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0), fill=st.nothing()),
    st.booleans(),
)
def test_what_is_written_is_read(tmp_path_factory, array, is_fortran):
    path = tmp_path_factory.mktemp("x") / "x.izhi"
    array = np.asarray(array, order="F" if is_fortran else "C")
    container.write(
        path, {"kind": "test", "b": [1.5, None]}, {"a": array, "c.d": array.T[::-1] if array.ndim else array}
    )
    manifest, arrays = container.read(path)
    assert (manifest["kind"], manifest["b"], manifest["format"]) == ("test", [1.5, None], container.FORMAT)
    np.testing.assert_array_equal(arrays["a"], array)
    assert arrays["a"].dtype == array.dtype
    np.testing.assert_array_equal(np.load(path)["a"], array)  # other programs read it


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.izhi"
    container.write(path, {"kind": "test"}, {"a": np.arange(50.0), "b": np.arange(7, dtype=np.int32)})
    return path


def damaged(text, rng):
    """A file that was cut, or of which bytes were changed, swapped or left out."""
    n = len(text)
    begin, end = sorted(rng.sample(range(n + 1), 2))
    way = rng.randrange(4)
    if way == 0:
        return text[:begin]
    if way == 1:
        return text[:begin] + text[end:]
    if way == 2:
        return text[end:] + text[begin:end] + text[:begin]
    found = bytearray(text)
    for _ in range(rng.randint(1, 4)):
        found[rng.randrange(n)] ^= 1 << rng.randrange(8)
    return bytes(found)


def test_damaged_files_are_refused_or_read_as_they_were(path):
    text, (_, arrays) = path.read_bytes(), container.read(path)
    rng, refused = random.Random(1), 0
    for _ in range(400):
        path.write_bytes(damaged(text, rng))
        try:
            found = container.read(path)[1]
        except ValueError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017
            refused += 1
        else:
            for name, array in arrays.items():
                np.testing.assert_array_equal(found[name], array)
    assert refused > 300


def rewritten(path, *, manifest=None, compression=zipfile.ZIP_STORED, **parts):
    """Write a container anew, with another manifest, and other parts."""
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    told = json.loads(held["manifest.json"])
    held["manifest.json"] = json.dumps(told | (manifest or {})).encode()
    held |= {f"{name}.npy": data for name, data in parts.items()}
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in held.items():
            if data is not None:
                file.writestr(name, data)


def saved(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_a_newer_format_is_told(path):
    rewritten(path, manifest={"format": 99, "izhi_numba": "7.0"})
    with pytest.raises(
        ValueError, match=r"was written by izhi_numba 7.0, in format 99; this is .*, which reads up to 1"
    ):
        container.read(path)


@pytest.mark.parametrize(("change", "told"), [
    ({"a": saved(np.array([{}], object))}, "a is no array of numbers, or not as long as its shape says"),
    ({"a": saved(np.arange(3.0)) + b"more"}, "a is no array of numbers, or not as long as its shape says"),
    ({"a": saved(np.arange(3.0))[:-1]}, "a is no array of numbers, or not as long as its shape says"),
    ({"a": None}, "its parts are not those that its manifest names"),
    ({"c": saved(np.arange(3.0))}, "its parts are not those that its manifest names"),
    ({"manifest": {"format": "one"}}, r"its manifest\.json names no format"),
    ({"compression": zipfile.ZIP_DEFLATED}, "a is compressed, or larger than the file"),
])  # fmt: skip
def test_what_was_made_by_others_is_refused(path, change, told):
    rewritten(path, **change)
    with pytest.raises(
        ValueError, match=rf"is damaged, or was not written by izhi_numba \(ValueError: {told}"
    ):
        container.read(path)


def test_foreign_files_are_refused(path):
    np.savez(path.with_suffix(".npz"), a=np.arange(3))
    with pytest.raises(ValueError, match=r"there is no manifest\.json in it"):
        container.read(path.with_suffix(".npz"))
    with pytest.raises(ValueError, match="is damaged, or was not written by izhi_numba"):
        container.read(__file__)
    with pytest.raises(FileNotFoundError):
        container.read(path.with_name("nothing"))


def test_objects_are_not_written(path):
    before = path.read_bytes()
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        container.write(path, {}, {"a": np.array([{}], object)})
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1
