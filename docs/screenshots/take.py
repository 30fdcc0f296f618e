"""Photographs every page of a fresh demo site, in three sizes and two themes, and puts them on one contact sheet.

It answers cases as the demo's reader, so give it a site of its own:

    DERMINO_VAR=/tmp/photographed PORT=8010 make demo        (in one terminal)
    DERMINO_VAR=/tmp/photographed .venv/bin/python docs/screenshots/take.py --site http://127.0.0.1:8010

All pictures go to the site's folder (screenshots/), the contact sheet and the pictures of KEPT to OUT.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
VAR = Path(os.environ.get("DERMINO_VAR", ROOT / "var"))
SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}
THEMES = ("light", "dark")
KEPT = ("trial-aided-desktop-light", "trial-aided-desktop-dark", "trial-unaided-tablet-light", "results-desktop-light")
CELL_HEIGHT, GAP = 300, 12
SHEET_GREY = (127, 127, 127)
LIVE, REPLICA = "try-it", "replica"


@dataclass(frozen=True, slots=True)
class Camera:
    """Takes one page as it stands in every size and theme."""

    page: Page
    folder: Path

    def take(self, name: str, *, whole: bool = True) -> None:
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            drawn = self.page.evaluate("document.documentElement.scrollWidth")
            if drawn > width:
                print(f"  {name} is {drawn} px wide on a {size} of {width} px")
            for theme in THEMES:
                self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                self.page.screenshot(path=self.folder / f"{name}-{size}-{theme}.png", full_page=whole)
        print(f"  {name}")

    def visit(self, name: str, path: str) -> None:
        response = self.page.goto(path)
        if response.status >= 400 and response.status not in (403, 404):
            sys.exit(f"{path} answered {response.status}. Is this a fresh demo site?")
        self.page.wait_for_load_state("networkidle")
        self.take(name)


def enter(page: Page, button: str) -> None:
    page.goto("/")
    page.get_by_role("button", name=button).click()


def as_visitor(camera: Camera) -> None:
    camera.visit("front", "/")
    camera.visit("sign-in", "/accounts/sign-in/")
    camera.visit("not-found", "/nothing-here/")


def as_reader(camera: Camera) -> None:
    page = camera.page
    enter(page, "Read as a reader")
    camera.visit("my-studies", "/read/")
    camera.visit("consent", f"/read/{LIVE}/")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Take part").click()
    camera.take("profile")
    page.get_by_role("spinbutton").fill("4")
    page.get_by_role("button", name="Save and go on").click()
    camera.take("practice-intro")
    page.get_by_role("button", name="Start the practice").click()
    show_case(page)
    camera.take("trial-practice", whole=False)
    answer(page)
    read_until(page, re.compile("Practice done"))
    go_on(page)
    page.get_by_role("button", name="Start round 1").click()
    expect(page.get_by_role("button", name=re.compile("Show case"))).to_be_visible()
    camera.take("ready", whole=False)
    show_case(page)
    page.keyboard.press("2")
    page.keyboard.press("R")
    camera.take("trial-unaided", whole=False)
    answer(page)
    read_until(page, re.compile("Round 2 is not open yet"))
    camera.take("washout")
    subprocess.run([sys.executable, "manage.py", "skip_washout"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    page.goto(f"/read/{LIVE}/")
    show_case(page)
    for key in ("1", "E", "M"):
        page.keyboard.press(key)
    camera.take("trial-aided", whole=False)
    answer(page)


def as_administrator(camera: Camera) -> None:
    enter(camera.page, "Run it as an administrator")
    camera.visit("studies", "/administration/")
    camera.visit("new-study", "/administration/new/")
    for place in ("", "design/", "cases/", "ai/", "readers/", "monitor/", "close/"):
        camera.visit(f"study-{place.strip('/') or 'overview'}", f"/administration/{LIVE}/{place}")
    camera.visit("monitor-finished", f"/administration/{REPLICA}/monitor/")
    camera.visit("results", f"/results/{REPLICA}/")
    camera.visit("models", "/models/")


def as_clinician(camera: Camera) -> None:
    page = camera.page
    enter(page, "Look as a clinician")
    camera.visit("second-look", "/second-look/")
    # Not one of the live study's: the second look refuses those.
    picture = sorted((VAR / "demo/model/synthetic/images").iterdir())[0]
    page.get_by_label(re.compile("image", re.IGNORECASE)).first.set_input_files(picture)
    page.get_by_role("button", name="Ask the model").click()
    expect(page.get_by_role("heading", name=re.compile("What the model says|not sure"))).to_be_visible(timeout=60_000)
    camera.take("second-look-answer")


def show_case(page: Page) -> None:
    expect(page.get_by_role("button", name=re.compile("Show"))).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()


def answer(page: Page) -> None:
    for key in ("1", "R", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("img", name="Image of the skin")).to_be_hidden()


def read_until(page: Page, title: re.Pattern[str]) -> None:
    """Answer cases by keyboard until a page or screen of this title stands there."""
    show, end = page.get_by_role("button", name=re.compile("Show")), page.get_by_role("heading", name=title)
    while expect(show.or_(end).first).to_be_visible() is None and not end.is_visible():
        show_case(page)
        answer(page)


def go_on(page: Page) -> None:
    """From the grey screen at the end of the practice to the page behind it."""
    button = page.get_by_role("button", name=re.compile("^Go on"))
    if button.is_visible():
        button.click()
        expect(page.get_by_role("button", name="Start round 1")).to_be_visible()


def contact_sheet(folder: Path, out: Path) -> None:
    """A row a page: three sizes in light, three in dark, cut to the height of a screen."""
    names = list(dict.fromkeys(file.name.rsplit("-", 2)[0] for file in sorted(folder.glob("*.png"), key=_taken)))
    columns = [(size, theme) for theme in THEMES for size in SIZES]
    widths = [round(CELL_HEIGHT * SIZES[size][0] / SIZES[size][1]) for size, _ in columns]
    sheet = Image.new(
        "RGB",
        (sum(widths) + GAP * (len(widths) + 1), (CELL_HEIGHT + GAP) * len(names) + GAP),
        SHEET_GREY,
    )
    for row, name in enumerate(names):
        left = GAP
        for (size, theme), width in zip(columns, widths, strict=True):
            with Image.open(folder / f"{name}-{size}-{theme}.png") as picture:
                screen = picture.convert("RGB").crop((0, 0, *SIZES[size]))
            sheet.paste(
                screen.resize((width, CELL_HEIGHT), Image.Resampling.LANCZOS), (left, GAP + row * (CELL_HEIGHT + GAP))
            )
            left += width + GAP
    sheet.save(out, quality=70, optimize=True)


def _taken(file: Path) -> float:
    return file.stat().st_mtime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    asked = parser.parse_args()
    folder = VAR / "screenshots"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    asked.out.mkdir(parents=True, exist_ok=True)
    walks: list[Callable[[Camera], None]] = [as_visitor, as_reader, as_administrator, as_clinician]
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        for walk in walks:
            print(walk.__name__.replace("_", " "))
            walk(Camera(browser.new_context(base_url=asked.site).new_page(), folder))
        browser.close()
    contact_sheet(folder, asked.out / "contact-sheet.jpg")
    for name in KEPT:
        with Image.open(folder / f"{name}.png") as picture:
            first_screen = picture.convert("RGB").crop((0, 0, *SIZES[name.split("-")[-2]]))
        first_screen.save(asked.out / f"{name}.jpg", quality=85, optimize=True)
    print(f"{asked.out / 'contact-sheet.jpg'}")


if __name__ == "__main__":
    main()
