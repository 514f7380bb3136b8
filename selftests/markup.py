"""HTML as a tree, to look into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "wbr"})

ENDED_BY = {
    "li": frozenset({"li"}),
    "td": frozenset({"td", "th", "tr"}),
    "th": frozenset({"td", "th", "tr"}),
    "tr": frozenset({"tr"}),
}
"""The elements whose end tags may be left out, and the start tags that end them."""


class Element:
    """An element: its attributes, and the texts and elements in it in their order."""

    def __init__(self, tag: str, attributes: Sequence[tuple[str, str | None]], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, dict(attributes), parent
        self.parts: list[Element | str] = []

    @property
    def children(self) -> list[Element]:
        """The elements directly in it."""
        return [part for part in self.parts if isinstance(part, Element)]

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def classes(self) -> list[str]:
        """The names in its class attribute."""
        return (self.attributes.get("class") or "").split()

    def descendants(self) -> Iterator[Element]:
        """All elements in it, in the order of their start tags."""
        for child in self.children:
            yield child
            yield from child.descendants()

    def all(self, tag: str, kind: str = "") -> list[Element]:
        """The elements of a tag in it, and of a class where one is given."""
        return [one for one in self.descendants() if one.tag == tag and (not kind or kind in one.classes)]

    def one(self, tag: str, kind: str = "") -> Element:
        """The only element of a tag in it."""
        (only,) = self.all(tag, kind)
        return only

    def by_id(self, name: str) -> Element:
        """The only element of an id in it."""
        (only,) = (one for one in self.descendants() if one.attributes.get("id") == name)
        return only

    @property
    def rows(self) -> list[list[Element]]:
        """The cells of a table's body, row by row."""
        return [row.children for row in self.one("tbody").children]

    @property
    def shape(self) -> list[tuple[str, list[str]]]:
        """Tags and names of attributes of all elements in it."""
        return [(one.tag, sorted(one.attributes)) for one in self.descendants()]


def parsed(text: str) -> Element:
    """Read a document.

    Returns:
        what holds all of it.

    Raises:
        AssertionError: its tags do not fit together.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is open at the end"
    return reader.root


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", (), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while tag in ENDED_BY.get(self.at.tag, ()):
            self._leave()
        child = Element(tag, attrs, self.at)
        self.at.parts.append(child)
        if tag not in VOID:
            self.at = child

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.parts.append(Element(tag, attrs, self.at))

    def handle_endtag(self, tag: str) -> None:
        while self.at.tag != tag:
            assert self.at.tag in ENDED_BY, f"</{tag}> where <{self.at.tag}> is open"
            self._leave()
        self._leave()

    def handle_data(self, data: str) -> None:
        self.at.parts.append(data)

    def _leave(self) -> None:
        assert self.at.parent
        self.at = self.at.parent
