"""One HTML file that holds everything it needs: style, figures, tables. It can be mailed and printed."""

import base64
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from readerstudy.analytics.exact import list_csv
from readerstudy.analytics.page import results_page

STYLES = (
    "css/tokens.css", "css/base.css", "css/page.css", "css/band.css", "css/table.css", "css/card.css",
    "vendor/plotly/plotly.css", "analytics/results.css",
)  # fmt: skip
SCRIPTS = ("vendor/plotly/plotly-basic.min.js", "analytics/figures.js")


def html_file(report: dict[str, Any]) -> str:
    """The report as a self-contained page. Tables carry their exact values as embedded CSV."""
    page = results_page(report, download=lambda name: _embedded(list_csv(report, name)))
    context = {
        "page": page,
        "styles": [_inline(name) for name in STYLES],
        "scripts": [_inline(name) for name in SCRIPTS],
    }
    return render_to_string("analytics/file.html", context)


def _embedded(text: str) -> str:
    return "data:text/csv;base64," + base64.b64encode(text.encode()).decode("ascii")


def _inline(name: str) -> SafeString:
    """A static file's own text. Our files and a vendored one, none with a closing tag in it."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"static file {name} is missing: the checkout is not complete.")
    text = Path(found).read_text(encoding="utf-8")
    if "</script" in text or "</style" in text:
        raise ValueError(f"{name} holds a closing tag: it cannot be put into a page.")
    return mark_safe(text)  # no user's text: files of this checkout
