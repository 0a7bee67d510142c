"""A browser and a server for the tests of the page."""

import contextlib

import pytest

from tests.explorer.page import FLAGS, Server, View, find_browser


@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(browser):
    server = Server()
    yield server
    assert server.process.poll() is None
    told = server.stop().splitlines()
    assert [line for line in told if not line.startswith("compiling, ")] == []


@pytest.fixture
def context_of(browser):
    """Browser profiles of any kind, gone after the test."""
    with contextlib.ExitStack() as stack:

        def make(width=1400, height=900, **more):
            context = browser.new_context(viewport={"width": width, "height": height}, **more)
            stack.callback(context.close)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            return context

        yield make


@pytest.fixture
def view(context_of, server):
    """The explorer, as it opens; at the end it has had no errors, and has asked nobody else for anything."""
    view = View(context_of(), server.url).open()
    yield view
    view.check()
