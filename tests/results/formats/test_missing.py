"""A library of another project that is missing says what to install."""

import sys

import pytest

CALLS = {
    "to_pandas": ("pandas", ()),
    "to_xarray": ("xarray", ()),
    "to_neo": ("neo", ()),
    "to_nwb": ("pynwb", ("run.nwb",)),
    "to_sonata": ("h5py", ("run",)),
}


@pytest.mark.parametrize("method", CALLS)
def test_a_missing_library_says_what_to_install(result, method, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    package, given = CALLS[method]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"{method} needs {package}: pip install 'izhi-numba\[export\]'"):
        getattr(result, method)(*given)
    assert not list(tmp_path.iterdir())
