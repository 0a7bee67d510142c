"""A browser and a server for the tests of the page."""

import contextlib

import pytest

from tests.explorer.browsers import FIREFOX, find_browser, launch, new_profile
from tests.explorer.page import Server, View


@pytest.fixture(scope="module")
def playwright():
    find_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright):
    browser = launch(playwright)
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
def context_of(playwright, browser):
    """Browser profiles of any kind, gone after the test."""
    with contextlib.ExitStack() as stack:

        def make(**options):
            own = browser
            if FIREFOX and options.get("color_scheme") == "dark":  # which is no matter of a profile there
                own = launch(playwright, dark=True)
                stack.callback(own.close)
            context = new_profile(own, **options)
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
