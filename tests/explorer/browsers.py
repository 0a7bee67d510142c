"""Browsers for the tests of the page: Debian's Chromium, or Debian's Firefox where PAGE_BROWSER=firefox is set.

Firefox is for tests that are run by hand. What its driver cannot do is skipped by name, see `only_chromium`.
"""

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

FIREFOX = os.environ.get("PAGE_BROWSER", "chromium") == "firefox"
NAMES = {  # of programs, and Debian's package
    False: (("chromium", "chromium-browser", "google-chrome"), "chromium"),
    True: (("firefox-esr", "firefox"), "firefox-esr"),
}
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
PREFERENCES = {
    "network.dns.disabled": True,  # addresses in numbers are all it reaches
    "dom.events.testing.asyncClipboard": True,  # a page reads the clipboard without a question
    "app.update.auto": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}
SCROLLBARS = {"widget.gtk.overlay-scrollbars.enabled": False, "ui.useOverlayScrollbars": 0}
FILL = """(field, text) => {
  field.focus();
  field.select();
  document.execCommand(text === "" ? "delete" : "insertText", false, text);
}"""
DARK = {"layout.css.prefers-color-scheme.content-override": 0}


def only_chromium(why):
    """Mark a test of what cannot be asked of Firefox."""
    return pytest.mark.skipif(FIREFOX, reason=f"not in Firefox: {why}")


def find_browser():
    """Path of the browser. Where it is missing the tests are skipped; in continuous integration they fail."""
    names, package = NAMES[FIREFOX]
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        told = f"no browser: none of {', '.join(names)} is there; on Debian: apt-get install {package}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(told)
    return path


def launch(playwright, *, scrollbars=False, dark=False):
    """Start the browser that is asked for, with scrollbars that take room, or on a dark desktop (Firefox)."""
    if not FIREFOX:
        more = {"ignore_default_args": ["--hide-scrollbars"]} if scrollbars else {}
        return playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS), **more)
    wanted = PREFERENCES | (SCROLLBARS if scrollbars else {}) | (DARK if dark else {})
    command = shlex.join([sys.executable, str(Path(__file__).with_name("firefox.py")), find_browser()])
    mend_driver()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "firefox"  # as the driver wants it
        program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        program.chmod(0o755)
        return playwright.firefox.launch(
            channel="moz-firefox", executable_path=program, firefox_user_prefs=wanted
        )


def mend_driver():
    """Have the driver do with a page of Firefox what it does with one of Chromium."""
    from playwright.sync_api import Locator

    Locator.fill, Locator.dblclick = fill, dblclick


def fill(locator, text):
    """Replace what a field has, as an editor does: the driver's own way adds to it in number fields of Firefox."""
    locator.scroll_into_view_if_needed()
    assert locator.is_editable()
    locator.evaluate(FILL, text)


def dblclick(locator):
    """Click twice, and double-click: Firefox takes the driver's second click for a first one."""
    locator.click()
    locator.click()
    locator.dispatch_event("dblclick")


def new_profile(browser, width=1400, height=900, **more):
    """A browser profile of its own, which may use the clipboard."""
    context = browser.new_context(viewport={"width": width, "height": height}, **more)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context
