"""The text of a web page. Knows no files."""

from __future__ import annotations

from html.parser import HTMLParser

_SILENT = {"script", "style", "head", "noscript", "template"}
_BREAKS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "table", "section", "article", "ul", "ol"}


def text_of_html(html: str) -> str:
    """What a reader sees, a paragraph a line."""
    page = _Page()
    page.feed(html)
    page.close()
    return "\n".join(line for line in (" ".join(part.split()) for part in "".join(page.said).split("\n")) if line)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data.replace("\n", " "))
