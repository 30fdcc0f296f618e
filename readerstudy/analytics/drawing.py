"""The parts that all drawings share, as plotly JSON. Colours are names of tokens: the theme gives their values.

No text holds markup such as <br>: plotly would write style attributes for it, which the content policy forbids.
"""

from typing import Any

from django.utils.translation import gettext as _

Drawing = dict[str, Any]

READER, AFTER, AI, CHANCE = "--ink-soft", "--accent", "--ai", "--line-strong"


def error_bars(
    rows: list[dict[str, Any]], value: str, limits: tuple[str, str], scale: float, *, first: bool
) -> Drawing:
    low, high = limits
    return {
        "type": "data",
        "symmetric": False,
        "array": [0 if row[high] is None else scale * (row[high] - row[value]) for row in rows],
        "arrayminus": [0 if row[low] is None else scale * (row[value] - row[low]) for row in rows],
        "thickness": 1.5,
        "width": 0,
        "color": READER if first else AFTER,
    }


def marker(*, first: bool) -> Drawing:
    """Open before, filled after: the two differ without colour."""
    if first:
        return {"size": 8, "color": "--paper", "line": {"color": READER, "width": 1.75}}
    return {"size": 9, "color": AFTER}


def words(text: str, x: float, y: float, *, xref: str = "x", yref: str = "y", yanchor: str = "middle") -> Drawing:
    font = {"color": READER, "size": 13}
    return {
        "text": plain(text),
        "x": x,
        "y": y,
        "xref": xref,
        "yref": yref,
        "yanchor": yanchor,
        "showarrow": False,
        "font": font,
    }


def plain(text: str) -> str:
    """A study's own words never become markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def stamp() -> Drawing:
    """A layout's title: inside the drawing, so that a picture saved from it says so."""
    font = {"color": "--warn", "size": 12}
    at = {"x": 1, "xanchor": "right", "y": 1, "yanchor": "top", "pad": {"t": 6, "r": 16}}
    return {"title": {"text": _("Simulated readings"), "font": font, **at}}


def axis(title: str, **options: Any) -> Drawing:
    if "ticktext" in options:
        options["ticktext"] = [plain(text) for text in options["ticktext"]]
    return {
        "title": {"text": title, "font": {"size": 13}},
        "zeroline": False,
        "gridcolor": "--line",
        "tickfont": {"size": 12},
        "fixedrange": True,
        **options,
    }


def layout(annotations: list[Drawing], shapes: list[Drawing], *, height: int, titled: bool = True) -> Drawing:
    """titled: the x axis has a title, which needs room."""
    return {
        "height": height,
        "margin": {"l": 60, "r": 16, "t": 48, "b": 60 if titled else 36},
        "annotations": annotations,
        "shapes": shapes,
        "showlegend": False,
        "paper_bgcolor": "--paper",
        "plot_bgcolor": "--paper",
        "font": {"color": "--ink"},
        "hovermode": "closest",
    }
