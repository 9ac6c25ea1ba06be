"""What students wrote, as HTML that can do nothing: in feedback pages and in formgrader.

nbconvert passes HTML in Markdown on as it is: a script in an answer would run in the browser of
whoever marks it, with all that their Jupyter server may do.
"""

from __future__ import annotations

import re
from typing import Any

from bleach.sanitizer import ALLOWED_TAGS, Cleaner
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_TAGS = ALLOWED_TAGS | {
    *("p", "br", "hr", "pre", "div", "span", "img", "del", "sub", "sup", "h1", "h2", "h3", "h4"),
    *("h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "details", "u"),
}
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")


def _is_allowed(tag: str, name: str, value: str) -> bool:
    """Whether an attribute may stand there; addresses with a scheme are looked at once more."""
    if name == "href":
        return tag == "a" and not value.strip().lower().startswith("data:")
    if name == "src":
        is_data = value.strip().lower().startswith("data:")
        return tag == "img" and (not is_data or _IMAGE.fullmatch(value) is not None)
    return name in ("alt", "class", "colspan", "height", "id", "rowspan", "title", "width")


_CLEANER = Cleaner(
    tags=_TAGS, attributes=_is_allowed, protocols={"http", "https", "mailto", "data"}
)


@pass_context
def shown_markdown(context: Any, source: str) -> str:
    """nbconvert's `markdown2html`, without anything that acts: what is not allowed is text."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    html = MarkdownWithMath(renderer=renderer).render(source)
    return str(_CLEANER.clean(html))
