"""What does a description say once its HTML is gone?

Block elements end a line, so that two list items never run together into one phrase; scripts and styles say nothing.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "br", "caption", "dd", "details", "div", "dl", "dt", "figcaption"}
    | {"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"}
    | {"pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_SILENT = frozenset({"script", "style", "template", "noscript"})
_SPACE = re.compile(r"\s+")
_LOOKS_LIKE_HTML = re.compile(r"</[a-z][a-z0-9]*\s*>|<(?:br|p|li|ul|div|span|hr|img)\b[^<>]*>", re.IGNORECASE)


def plain_text(text: str) -> str:
    """`text` without mark-up, one line per block; text that holds no HTML keeps its `<`, `&` and lines."""
    return text_of_html(text) if _LOOKS_LIKE_HTML.search(text) else "\n".join(_lines(text))


def text_of_html(html: str) -> str:
    """The text of an HTML fragment, entities resolved, one line per block, no empty lines."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "\n".join(_lines("".join(parser.parts)))


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(each.split()) for each in text.splitlines()) if line]


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break in the source is a space on the page; only blocks break lines.
            self.parts.append(_SPACE.sub(" ", data))
