"""By clicks alone: an administrator makes a study from a preset, shrinks it, launches; a reader reads it to its end."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from readerstudy.models import AidShown, Answer, FrozenAid, Reader, Reading, Study
from readerstudy.services.aid import SimulatedAid, freeze_simulated
from readerstudy.truth.services import diagnoses
from tests.browser.signed_in import sign_in
from tests.readerstudy.exchange.folder import picture
from tests.readerstudy.sample_study import NOON
from tests.readerstudy.signers import PASSWORD, signer
from tests.services import Site

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "truth"])

DIAGNOSES = ("melanoma", "nevus")
SETTLED = """() => [...document.querySelectorAll("[data-part=ai], [data-part=quiet-go], .page")]
  .some((one) => one.getClientRects().length > 0)"""  # a further part, the next case, or another page


class Administrator:
    """The pages of a study, as somebody clicks through them."""

    def __init__(self, browser: Browser, site: Site) -> None:
        person = signer("administrator@example.org")
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        sign_in(context, person, site.url)
        self.page = context.new_page()
        self.url = site.url
        self.study: Study | None = None

    def make(self, preset: str) -> None:
        self.page.goto(f"{self.url}/administration/new/")
        self.page.get_by_label("Title").fill("By clicks")
        self.page.locator(f"input[value={preset}]").check()
        self.page.get_by_role("button", name="Make the draft").click()
        expect(self.page.get_by_role("heading", name="By clicks")).to_be_visible()
        self.study = Study.objects.get()

    def shrink(self, values: dict[str, str]) -> None:
        """Type into the design editor by the labels of its fields."""
        self.go("Design")
        for label, value in values.items():
            self.page.get_by_label(label, exact=True).first.fill(value)
        self.page.get_by_role("button", name="Save the design").click()
        expect(self.page.get_by_text("Design saved")).to_be_visible()

    def go(self, place: str) -> None:
        self.page.get_by_role("navigation", name="Pages of this study").get_by_role("link", name=place).click()

    def bring(self, archive: Path, *, practice: bool = False) -> None:
        self.go("Cases")
        self.page.get_by_label("A zip archive, or one CSV and its images").set_input_files(archive)
        if practice:
            self.page.get_by_label("These are practice cases").check()
        self.page.get_by_role("button", name="Import cases").click()
        expect(self.page.get_by_text(re.compile(r"\d+ cases? imported, \d+ already there"))).to_be_visible()

    def make_sets(self) -> None:
        """A model would be run by a worker here: its output is simulated; what departs from it is made by a click."""
        truth = diagnoses(self.study.id)
        aids = [SimulatedAid(case, _ranked(truth[case], right=n % 4 > 0)) for n, case in enumerate(sorted(truth))]
        freeze_simulated(study_id=self.study.id, aids=aids, at=NOON)
        self.go("AI output")
        button = self.page.get_by_role("button", name="Make the set")
        if button.count():
            button.first.click()
            self.go("AI output")
        expect(self.page.get_by_role("button", name="Make the set")).to_have_count(0)

    def invite(self) -> str:
        self.go("Readers")
        self.page.get_by_label("E-mail addresses").fill("reader@example.org")
        self.page.get_by_role("button", name=re.compile("Invite")).click()
        return self.page.get_by_label("Link of reader@example.org").input_value()

    def launch(self) -> None:
        self.go("Launch")
        self.page.get_by_label("Your signing password").fill(PASSWORD)
        self.page.get_by_role("button", name="Launch the study").click()
        expect(self.page.get_by_text("The study is live")).to_be_visible()

    def close(self) -> None:
        self.go("Close")
        self.page.get_by_role("button", name="Close the study").click()
        expect(self.page.get_by_text("The study is closed. Lock its readings")).to_be_visible()

    def lock(self) -> None:
        self.go("Lock")
        self.page.get_by_label("Your signing password").first.fill(PASSWORD)
        self.page.get_by_role("button", name="Sign and lock").click()
        expect(self.page.get_by_text("The readings are locked and signed")).to_be_visible()


class ByClicks:
    """A reader who only clicks."""

    def __init__(self, browser: Browser, link: str, **profile: str) -> None:
        self.page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        self.page.goto(link)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("checkbox").check()
        self.page.get_by_role("button", name="Take part").click()
        self.page.get_by_label(re.compile("Years of experience")).fill("4")
        for label, value in profile.items():
            self.page.get_by_label(re.compile(label.replace("_", " "))).select_option(value)
        self.page.get_by_role("button", name="Save and go on").click()

    def practise(self) -> None:
        self.page.get_by_role("button", name="Start the practice").click()
        self.open_case()
        self.answer_diagnosis()
        expect(self.page.get_by_role("heading", name="Practice done")).to_be_visible()
        self.page.get_by_role("button", name="Go on").click()
        self.page.get_by_role("button", name="Start round 1").click()

    def open_case(self) -> None:
        self.page.get_by_role("button", name=re.compile("Show (practice )?case")).click()
        self.see_image()

    def see_image(self) -> None:
        expect(self.page.get_by_role("img", name="Image of the skin").locator("img").first).to_be_visible()

    def answer_diagnosis(self) -> None:
        self.page.locator("[role=radio], [role=checkbox]").filter(has_text=DIAGNOSES[0]).first.click()
        self.commit()

    def commit(self) -> None:
        self.page.get_by_role("button", name="Commit").click()

    def choose(self, name: str) -> None:
        self.page.get_by_role("radio", name=re.compile(name)).click()

    def ends(self) -> None:
        expect(self.page.get_by_role("heading", name="You have read every case")).to_be_visible()


@pytest.fixture
def archive(tmp_path: Path) -> Callable[..., Path]:
    """A zip of tiny pictures and their CSV."""

    def make(count: int, *, seed: int = 0, columns: Sequence[str] = (), cells: Any = lambda n: ()) -> Path:
        header = ",".join(["image", "dataset", "diagnosis", *columns])
        rows = [",".join([f"{n}.png", "tumours", DIAGNOSES[n % 2], *cells(n)]) for n in range(count)]
        file = tmp_path / f"cases{seed}.zip"
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("cases.csv", "\n".join([header, *rows]))
            for n in range(count):
                for name, shift in ((f"{n}.png", 0), (f"{n}b.png", 500)):
                    packed.writestr(name, _bytes(tmp_path, seed + shift + n))
        return file

    return make


def _bytes(folder: Path, seed: int) -> bytes:
    return io.BytesIO(picture(folder / "one.png", seed).read_bytes()).getvalue()


def _ranked(truth: str, *, right: bool) -> list[tuple[str, float]]:
    first, second = sorted(DIAGNOSES, key=lambda one: (one == truth) != right)
    return [(first, 0.8), (second, 0.2)]


def test_faulty_aid(site: Site, browser: Browser, archive: Callable[..., Path]) -> None:
    admin = Administrator(browser, site)
    admin.make("faulty-aid")
    admin.shrink({"Cases in a batch": "2", "Batches a reader may read": "3"})
    admin.bring(archive(6))
    admin.make_sets()
    assert FrozenAid.objects.filter(source="false").count() == 6
    link = admin.invite()
    admin.launch()

    reader = ByClicks(browser, link)
    for batch in range(1, 4):
        for case in range(2):
            reader.open_case()
            reader.answer_diagnosis()
            expect(reader.page.get_by_role("region", name="AI")).to_contain_text("80 %")
            reader.choose(DIAGNOSES[case])
            reader.commit()
        if batch < 3:
            reader.page.get_by_role("button", name="Begin the next batch").click()
    expect(reader.page.get_by_text("changed on purpose")).to_be_visible()
    reader.page.goto(f"{site.url}/read/{admin.study.slug}/end/")  # it cannot be passed by
    expect(reader.page.get_by_text("changed on purpose")).to_be_visible()
    reader.page.get_by_role("button", name="I have read this").click()
    reader.ends()
    shown = AidShown.objects.order_by("reading__session").values_list("reading__session", "aid__source")
    assert set(shown) == {(1, "ai"), (2, "ai"), (3, "false")}
    assert Answer.objects.count() == 12
    admin.close()
    admin.lock()


def test_two_models_ranked(site: Site, browser: Browser, archive: Callable[..., Path]) -> None:
    admin = Administrator(browser, site)
    admin.make("two-models-ranked")
    admin.shrink({"Cases in a batch": "2"})
    admin.bring(archive(4, columns=["skin_tone"], cells=lambda n: [("light", "dark")[n // 2]]))
    admin.bring(archive(1, seed=900), practice=True)
    admin.make_sets()
    link = admin.invite()
    admin.launch()

    reader = ByClicks(browser, link, What_is_your_role="resident")
    assert Reader.objects.get().arm.name in ("control", "boosted")
    reader.practise()
    for _ in range(3):
        reader.open_case()
        reader.answer_diagnosis()
        reader.page.wait_for_function(SETTLED)
        if reader.page.get_by_role("region", name="AI").is_visible():
            reader.choose("Add the suggestion")
            reader.commit()
    reader.page.get_by_role("button", name="I have read this").click()
    reader.ends()
    final = [one.values for one in Answer.objects.filter(stage=2)]
    assert len(final) == 2 and all(one["diagnosis"][0] == DIAGNOSES[0] and one["action"] == "add" for one in final)
    assert Reading.objects.filter(is_attention=True, state="answered").count() == 1
    admin.close()


def test_evidence_levels(site: Site, browser: Browser, archive: Callable[..., Path]) -> None:
    admin = Administrator(browser, site)
    admin.make("evidence-levels")
    columns = ["age", "history", "image_2", "image_2_kind"]
    admin.bring(archive(2, columns=columns, cells=lambda n: [f"{40 + n}", "itches", f"{n}b.png", "clinical"]))
    admin.make_sets()
    link = admin.invite()
    admin.launch()

    reader = ByClicks(browser, link)
    for _ in range(2):
        reader.open_case()
        expect(reader.page.locator(".stage__clinical")).to_be_hidden()
        for name in (DIAGNOSES[0], "excise"):
            reader.choose(name)
        reader.commit()
        expect(reader.page.locator(".stage__clinical")).to_contain_text("itches")
        reader.page.get_by_role("button", name=re.compile("Close-up")).click()
        for name in (DIAGNOSES[1], "dismiss"):
            reader.choose(name)
        reader.commit()
    reader.ends()
    managed = Answer.objects.order_by("stage").values_list("stage", "values__management").distinct()
    assert list(managed) == [(1, "excise"), (2, "dismiss")]
    assert not AidShown.objects.exists()
    admin.close()


def test_features_agreement(site: Site, browser: Browser, archive: Callable[..., Path]) -> None:
    admin = Administrator(browser, site)
    admin.make("features-agreement")
    admin.shrink({"Share that comes twice, unannounced": "0.5", "Cases between the two": "1"})
    admin.bring(archive(2))
    link = admin.invite()
    admin.launch()

    reader = ByClicks(browser, link)
    for _ in range(3):
        reader.open_case()
        yes = reader.page.get_by_role("radio", name=re.compile("Yes"))
        for at in range(6):
            yes.nth(at).click()
        reader.commit()
    reader.ends()
    assert Answer.objects.count() == 3
    assert Reading.objects.filter(occurrence=2).count() == 1
    assert all(set(one.values.values()) == {True} for one in Answer.objects.all())
    admin.close()
