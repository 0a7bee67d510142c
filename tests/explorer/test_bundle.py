"""The page's modules: what they import, and how they become one file for a notebook."""

import base64
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from izhi_numba.explorer import bundle
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.session import Session
from tests.explorer.browsers import find_browser, launch
from tests.explorer.page import until

STOREYS = ["base", "data", "plots", "views"]  # a module imports from its own storey or from an earlier one
MODULES = bundle.modules()


def storey(name):
    folder, _, file = name.rpartition("/")
    return STOREYS.index(folder) if file and folder else len(STOREYS)


def test_imports_run_one_way():
    for module in MODULES:
        for imported in module.imports:
            assert storey(imported) <= storey(module.name), f"{module.name} imports {imported}"
    assert [module.name for module in MODULES if "/" not in module.name] == ["explorer.js"]


def test_a_module_comes_after_those_that_it_imports():
    seen = set()
    for module in MODULES:
        assert set(module.imports) <= seen, module.name
        seen.add(module.name)


def test_every_module_is_reached():
    there = {path.relative_to(bundle.STATIC).as_posix() for path in bundle.STATIC.rglob("*.js")}
    assert there == {module.name for module in MODULES} | {"page.js"}


def test_what_is_imported_is_used():
    for module in MODULES:
        code = re.sub(r"^\s*(//|/?\*).*$", "", module.body, flags=re.M).replace("...", "")
        for name in [name for names in module.imports.values() for name in names]:
            assert re.search(rf"(?<![\w$.]){re.escape(name)}\b", code), f"{module.name}: {name}"


def test_what_is_exported_is_imported():
    exported = {(module.name, name) for module in MODULES for name in module.exported}
    used = {(one, name) for module in MODULES for one, names in module.imports.items() for name in names}
    of_tests = {("plots/trace_frame.js", "tracePanels")}
    assert exported - used == of_tests


def test_modules_are_short_and_say_what_they_are():
    for module in MODULES:
        text = (bundle.STATIC / module.name).read_text()
        assert text.startswith("// "), module.name
        assert len(text.splitlines()) <= 300, module.name


def test_data_knows_no_page():
    for module in MODULES:
        if storey(module.name) == STOREYS.index("data"):
            found = re.findall(r"(?<![\w.])(document|window|location|localStorage)\b", module.body)
            assert found == [], module.name


def test_joined_there_is_no_import_and_one_export():
    lines = bundle.joined().splitlines()
    assert [line for line in lines if line.startswith(("import", "export"))] == ["export default {"]
    assert lines.count("export default {") == 1
    assert "render({ model, el }) {" in bundle.joined()


def written(folder, **files):
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_modules_are_joined_in_the_order_of_their_imports(tmp_path):
    static = written(
        tmp_path,
        explorer='import { b } from "./views/b.js";\n\nexport default {\n  b,\n};\n',
        views__b='import { a, once } from "../base/a.js";\n\nexport const b = a + once;\n',
        base__a="// first\n\nexport const a = 1;\nexport async function once() {\n  return a;\n}\nconst own = 2;\n",
    )
    text = bundle.joined(static)
    assert text == (
        "// ---- base/a.js\n\n// first\n\nconst a = 1;\nasync function once() {\n  return a;\n}\nconst own = 2;\n\n"
        "// ---- views/b.js\n\nconst b = a + once;\n\n// ---- explorer.js\n\nexport default {\n  b,\n};\n"
    )


A = 'import { a } from "./base/a.js";\nimport { b } from "./base/b.js";\n\nexport default {\n};\n'
REFUSED = [
    ({"base__a": "export const a = 1;\nconst own = 1;\n", "base__b": "export const b = 1;\nconst own = 2;\n"},
     "base/a.js and base/b.js both declare own"),
    ({"base__a": "export const a = 1;\n", "base__b": "export const b = 1;\nfunction a() {\n}\n"},
     "base/a.js and base/b.js both declare a"),
    ({"base__a": 'import { b } from "./b.js";\nexport const a = b;\n',
      "base__b": 'import { a } from "./a.js";\nexport const b = a;\n'},
     "imports in a circle: base/a.js imports base/b.js imports base/a.js"),
    ({"base__a": "const a = 1;\n", "base__b": "export const b = 1;\n"},
     "explorer.js imports a, which base/a.js does not export"),
    ({"base__a": "export const a = 1;\n"}, "base/b.js is no module of the page"),
    ({"base__a": 'import { x } from "../../outside.js";\nexport const a = x;\n'},
     "../outside.js is no module of the page"),
    ({"base__a": "export default {\n};\nexport const a = 1;\n"},
     "base/a.js has a default export; only explorer.js may"),
    ({"base__a": 'import { c as x } from "./c.js";\nexport const a = x;\n'},
     "base/a.js, line 1: names are imported as they are"),
    ({"base__a": 'import x from "./c.js";\nexport const a = x;\n'}, "base/a.js, line 1: a module only imports"),
    ({"base__a": "export { a };\n"}, "base/a.js, line 1: a module only imports"),
    ({"base__a": "export const [a, own] = [1, 2];\n"}, "base/a.js, line 1: a module only imports"),
    ({"base__a": "export const a = 1;\ndocument.title = a;\n"}, "base/a.js, line 2: a module only imports"),
    ({"base__a": 'export const a = () =>\n  import("./c.js");\n'}, "base/a.js, line 2: an import inside"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "message"), REFUSED)
def test_what_cannot_be_joined_is_refused(tmp_path, files, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        bundle.joined(written(tmp_path, explorer=A, **files))


def test_modules_without_a_browser(tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not there")
    static = tmp_path / "static"
    shutil.copytree(bundle.STATIC, static)
    (static / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).with_name("modules.test.mjs"), static)
    done = subprocess.run(
        [node, "--test", "modules.test.mjs"], cwd=static, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# ---------------------------------------------------------------- the joined file in a browser

NOTEBOOK = """async (text) => {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: explorer } = await import(address);
  const callbacks = new Map();
  window.sent = [];
  window.say = (header, buffers) => callbacks.get("msg:custom")?.(header, buffers.map((text) =>
    new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)));
  const model = {
    send: (message) => window.sent.push(message),
    on: (name, callback) => callbacks.set(name, callback),
    off: (name) => callbacks.delete(name),
  };
  window.stop = explorer.render({ model, el: document.body });
  return Object.keys(explorer);
}"""


@pytest.fixture
def page():
    find_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        yield page
        browser.close()


def test_no_name_of_a_module_is_one_of_the_browser(page):
    names = [name for module in MODULES for name in module.names]
    assert page.evaluate("(names) => names.filter((name) => name in window)", names) == []


def test_the_joined_file_renders_as_an_anywidget(page):
    page.set_content(f"<style>{(bundle.STATIC / 'explorer.css').read_text()}</style>")
    assert page.evaluate(NOTEBOOK, bundle.joined()) == ["render"]
    arrived, lock = [], threading.Lock()

    def keep(frame):
        with lock:
            arrived.append(frame.parts())

    session = Session(Catalogue(), keep)

    def exchange():
        """Hand on what each end has sent; the data that the page publishes."""
        messages = page.evaluate("() => window.sent.splice(0)")
        views.update(message["view"] for message in messages)
        for message in messages:
            session.receive({name: value for name, value in message.items() if name != "view"})
        with lock:
            answers = list(arrived)
            arrived.clear()
        for header, buffers in answers:
            coded = [base64.b64encode(bytes(buffer)).decode() for buffer in buffers]
            told = header | {"view": min(views)}
            page.evaluate("([header, buffers]) => say(header, buffers)", [told, coded])
        return page.evaluate("() => ({ ...document.querySelector('.izhi-explorer').dataset })")

    def settled():
        data = exchange()
        numbers = {data.get(name) for name in ("asked", "seq", "planeSeq", "curveSeq")}
        return data if len(numbers) == 1 and None not in numbers else None

    views = set()
    try:
        data = until(settled, "the pictures")
        assert int(data["spikes"]) > 0
        assert len(views) == 1
        assert page.get_by_role("button", name="copy the link").count() == 0  # a notebook has no address
        page.get_by_role("button", name="CH", exact=True).click()
        again = until(lambda: (data := settled()) and int(data["seq"]) > 1 and data, "another preset")
        assert again["spikes"] != data["spikes"]
        page.get_by_role("button", name="open Small world").click()
        until(lambda: int(exchange().get("frame", 0)) > 2, "frames of the network")
        page.evaluate("() => window.stop()")
        left = page.evaluate("() => window.sent.map(({ kind }) => kind)")
        assert left[-1] == "bye"
        assert page.locator(".izhi-explorer").count() == 0
        assert page.problems == []
    finally:
        session.close()
