"""XML that strangers may have written, read without entities, network or document types. Knows no BPMN and no DMN."""

from __future__ import annotations

from lxml import etree

from deskhand.engine.errors import Fault, Refused

Element = etree._Element


def root_of(xml: bytes, source: str, refused: type[Refused]) -> Element:
    """The root element; raises `refused` with the line of the first fault."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise refused(source, (Fault("", "", line, f"this is not well-formed XML: {error}"),)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refused(source, (Fault("", "", 1, "a document type (DTD) is not allowed"),))
    return root


def tag_of(element: Element) -> str:
    """The name without its namespace."""
    return str(etree.QName(element).localname)


def namespace_of(element: Element) -> str:
    return str(etree.QName(element).namespace or "")


def line_of(element: Element) -> int:
    line = element.sourceline
    return line if isinstance(line, int) else 0


def text_of(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def children(element: Element | None, *tags: str) -> list[Element]:
    """The children with these names, whatever their namespace; none of nothing."""
    return [child for child in element if tag_of(child) in tags] if element is not None else []


def child(element: Element | None, tag: str) -> Element | None:
    return next(iter(children(element, tag)), None)
