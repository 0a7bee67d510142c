"""A browser and a server for the tests of the page."""

import contextlib

import pytest

from tests.explorer.page import FLAGS, Server, View, find_browser, new_profile


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
    compiling = "compiling, ", "izhi_numba compiles "
    assert [line for line in told if not line.startswith(compiling)] == []


@pytest.fixture
def context_of(browser):
    """Browser profiles of any kind, gone after the test."""
    with contextlib.ExitStack() as stack:

        def make(**options):
            context = new_profile(browser, **options)
            stack.callback(context.close)
            return context

        yield make


@pytest.fixture(scope="module")
def usual_context(browser, server):
    """A profile in which a page of the server stays: others open in its process, in half the time of a new one."""
    context = new_profile(browser)
    context.new_page().goto(server.url + "explorer.css")
    yield context
    context.close()


@pytest.fixture
def view(usual_context, server):
    """The explorer, as it opens; at the end it has had no errors, and has asked nobody else for anything."""
    view = View(usual_context, server.url)
    try:
        yield view.open()
        view.check()
    finally:
        view.page.evaluate("() => localStorage.clear()")
        view.page.close()
