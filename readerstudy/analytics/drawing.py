"""The parts that all drawings share, as plotly JSON. Colours are names of tokens: the theme gives their values."""

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
        "text": text,
        "x": x,
        "y": y,
        "xref": xref,
        "yref": yref,
        "yanchor": yanchor,
        "showarrow": False,
        "font": font,
    }


def stamp() -> Drawing:
    """Inside the drawing, so that a picture saved from it says so."""
    text = words(_("Simulated readings"), 1.0, -0.16, xref="paper", yref="paper", yanchor="top")
    return {**text, "xanchor": "right", "font": {"color": "--warn", "size": 12}}


def axis(title: str, **options: Any) -> Drawing:
    return {
        "title": {"text": title, "font": {"size": 13}},
        "zeroline": False,
        "gridcolor": "--line",
        "tickfont": {"size": 12},
        "fixedrange": True,
        **options,
    }


def layout(annotations: list[Drawing], shapes: list[Drawing], *, height: int) -> Drawing:
    return {
        "height": height,
        "margin": {"l": 64, "r": 24, "t": 40, "b": 72},
        "annotations": annotations,
        "shapes": shapes,
        "showlegend": False,
        "paper_bgcolor": "--paper",
        "plot_bgcolor": "--paper",
        "font": {"color": "--ink"},
        "hovermode": "closest",
    }
