"""The text of an article without its markup, to be searched and put into tickets."""

import re

from lxml import html as lxml_html

#: Elements that stand in lines of their own.
BLOCK = re.compile(
    "address|article|aside|blockquote|br|d[dlt]|div|figure|footer|h[1-6]|header|hr|li"
    "|main|ol|p|pre|section|table|t(?:able|body|d|foot|h|head|r)|ul"
)
SPACE = re.compile(r"\s+")


def to_text(markup):
    """Return HTML as plain text: a line for each block, steps with their numbers.

    Emphasis, links and pictures leave no signs, unlike in ``html2plaintext``: people
    read the text as the resolution of their ticket.

    :param str markup: sanitized HTML, or nothing
    """
    if not markup or not markup.strip():
        return ""
    lines = _Lines()
    _walk(lxml_html.fragment_fromstring(markup, create_parent="div"), lines)
    return "\n".join(line.strip() for line in lines.done if line.strip())


class _Lines:
    """Lines as they grow. The number of a step does not stand in a line alone."""

    def __init__(self):
        self.done = [""]
        self.marker = ""

    def end(self):
        if self.done[-1].strip() and self.done[-1] != self.marker:
            self.done.append("")
            self.marker = ""

    def mark(self, marker):
        self.done[-1] = self.marker = marker

    def add(self, text):
        self.done[-1] += SPACE.sub(" ", text or "")


def _walk(element, lines):
    tag = element.tag
    # Comments and the like have no name.
    if isinstance(tag, str):
        is_block = BLOCK.fullmatch(tag)
        if is_block:
            lines.end()
        if tag == "li":
            lines.mark(_get_marker(element))
        lines.add(element.text)
        for child in element:
            _walk(child, lines)
            lines.add(child.tail)
        if is_block:
            lines.end()


def _get_marker(item):
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "- "
    return f"{1 + sum(1 for _ in item.itersiblings('li', preceding=True))}. "
