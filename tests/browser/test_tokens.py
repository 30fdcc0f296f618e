"""The colours keep their contrast in both themes, measured as the browser draws them."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

STYLES = Path(__file__).resolve().parents[2] / "static/css"
INKS = ["ink", "ink-soft", "accent", "ai", "truth", "warn", "danger"]
GROUNDS = ["paper", "paper-raised"]
FILLS = ["accent", "ai", "truth", "warn", "danger"]
TEXT, LINES = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11

PAIRS = [
    *((ink, ground, TEXT) for ink, ground in product(INKS, GROUNDS)),
    *((fill, f"{fill}-soft", TEXT) for fill in FILLS),
    *(("ink-soft", f"{fill}-soft", TEXT) for fill in FILLS),
    *(("on-fill", fill, TEXT) for fill in FILLS),
    *((ink, ground, TEXT) for ink, ground in product(["stage-ink", "stage-ink-soft"], ["stage", "stage-raised"])),
    *(("line-strong", ground, LINES) for ground in GROUNDS),
    *((line, "stage", LINES) for line in ("stage-line", "stage-warn", "stage-ink-soft")),
]


@pytest.fixture(scope="module", params=["light", "dark"])
def painted(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(color_scheme=request.param)
    page.set_content(f"<style>{(STYLES / 'tokens.css').read_text()}</style><canvas width=1 height=1></canvas><p></p>")
    yield page
    page.close()


def rgb(page: Page, token: str) -> list[int]:
    """The colour as pixels: a canvas turns OKLCH and color-mix into sRGB."""
    return page.evaluate(
        """(token) => {
          const text = document.querySelector("p")
          text.style.color = `var(--${token})`
          const pen = document.querySelector("canvas").getContext("2d", { willReadFrequently: true })
          pen.fillStyle = getComputedStyle(text).color
          pen.fillRect(0, 0, 1, 1)
          return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
        }""",
        token,
    )


def luminance(colour: list[int]) -> float:
    """Relative luminance. Source: WCAG 2.2, "relative luminance"."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS, ids=lambda value: str(value))
def test_what_must_be_read_can_be_read(painted: Page, ink: str, ground: str, least: float) -> None:
    assert contrast(rgb(painted, ink), rgb(painted, ground)) >= least


def test_the_stage_has_no_hue(painted: Page) -> None:
    assert len(set(rgb(painted, "stage"))) == 1
