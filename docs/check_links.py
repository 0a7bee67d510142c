"""Whether all that pages of the built site point to is there:  python docs/check_links.py build/site.

Sphinx warns of references that it cannot resolve; this looks at the pages as they are, at pictures, downloads
and places within pages too. Nothing outside is asked.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page points to, and the places that it has."""

    def __init__(self, text):
        super().__init__()
        self.links, self.places = set(), {"", "top"}
        self.feed(text)

    def handle_starttag(self, tag, attrs):  # noqa: ARG002, D102
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name in ("id", "name") and value:
                self.places.add(value)


def broken(root):
    """Return what leads nowhere, each with its page."""
    pages = {
        path: Page(path.read_text())
        for path in root.rglob("*.html")
        if "_static" not in path.parts
    }
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (
                (path.parent / unquote(parts.path)).resolve() if parts.path else path
            )
            place = unquote(parts.fragment)
            if not target.exists() or (
                target in pages and place not in pages[target].places
            ):
                found.append(f"{path.relative_to(root)}: {link}")
    return sorted(found)


def main():
    """Tell what is broken; there are hundreds of pages, or the site is not what it was."""
    root = Path(sys.argv[1]).resolve()
    found = broken(root)
    sys.exit("\n".join(found) if found or not (root / "index.html").exists() else 0)


if __name__ == "__main__":
    main()
