"""Libraries of other projects that some tests need; where one is missing the test is skipped, in CI it fails."""

import importlib
import os

import pytest


def library(name):
    """Import a library: ``pip install '.[test]'`` has all of them."""
    if os.environ.get("CI"):
        return importlib.import_module(name)
    return pytest.importorskip(name)
