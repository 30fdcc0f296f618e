"""AI output from a CSV: what is frozen, and that nothing is frozen after a fault."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readerstudy.exchange.aids import import_aids
from readerstudy.exchange.cases import Choice, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.models import FrozenAid, Study
from readerstudy.services.errors import StudyFrozen
from readerstudy.services.study import create_study
from readerstudy.table.reading import BadRows
from tests.readerstudy.exchange.folder import picture, three_cases
from tests.readerstudy.sample_study import NOON

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture(autouse=True)
def images_folder(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    settings.IMAGERY_ROOT = tmp_path_factory.mktemp("images")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return three_cases(tmp_path).parent


@pytest.fixture
def study(folder: Path) -> Study:
    made = create_study(title="Imported", preset="dermino-two-round", seed=1, by=None, at=NOON)
    import_cases(made, folder, Layout(), Choice(), by=None, at=NOON)
    return made


def rows(folder: Path) -> list[dict[str, str]]:
    """A sound row for every case, by its picture."""
    table = next(path for path in folder.iterdir() if path.suffix == ".csv")
    with table.open(newline="") as file:
        images = [row["image"] for row in csv.DictReader(file)]
    return [{"image": image, "p:melanoma": "0.7", "p:nevus": "0.3"} for image in images]


def written(folder: Path, lines: list[dict[str, str]]) -> Path:
    path = folder / "output.csv"
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(dict.fromkeys(name for row in lines for name in row)), restval="")
        table.writeheader()
        table.writerows(lines)
    return path


def bring_in(study: Study, file: Path) -> int:
    return import_aids(study, file, source="ai", model=None, by=None, at=NOON)


def refused(study: Study, folder: Path, lines: list[dict[str, str]]) -> str:
    with pytest.raises(BadRows) as caught:
        bring_in(study, written(folder, lines))
    assert not FrozenAid.objects.exists()
    return " ".join(f"{row.line}: {row.reason}" for row in caught.value.rows)


def test_every_part_of_the_output_is_frozen_and_called_simulated(study: Study, folder: Path) -> None:
    lines = rows(folder)
    picture(folder / "like.png", 900)
    more = {"malignancy": "0.8", "votes:melanoma": "14", "votes:nevus": "6", "description": "Brown.",
            "similar_1": "like.png", "similar_1_diagnosis": "melanoma"}  # fmt: skip
    assert bring_in(study, written(folder, [{**row, **more} for row in lines])) == 3
    for aid in FrozenAid.objects.all():
        assert aid.origin == FrozenAid.Origin.SIMULATED and aid.description == "Brown."
        assert aid.ranked[0] == {"label": "melanoma", "probability": 0.7}
        assert aid.content["malignancy"] == 0.8 and aid.content["crowd"] == {"melanoma": 14, "nevus": 6}
        assert [one["label"] for one in aid.content["similar"]] == ["melanoma"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"p:melanoma": "0.9"}, "the probabilities come to 1.2"),
        ({"p:melanoma": "much"}, 'p:melanoma is "much"'),
        ({"malignancy": "80"}, "malignancy is 80"),
        ({"votes:nevus": "1.5"}, "votes:nevus is 1.5"),
        ({"similar_1": "like.png"}, "needs both"),
        ({"image": "gone.png"}, 'no file "gone.png"'),
        ({"p:melanom": "0.1"}, 'Did you mean "melanoma"?'),
    ],
)
def test_a_faulty_cell_is_named_and_nothing_is_frozen(
    study: Study, folder: Path, change: dict[str, str], told: str
) -> None:
    first, *others = rows(folder)
    assert told in refused(study, folder, [{**first, **change}, *others])


def test_a_case_without_output_or_with_two_is_named(study: Study, folder: Path) -> None:
    first, *others = rows(folder)
    assert "1 cases of the study have no row" in refused(study, folder, others)
    assert "stands twice" in refused(study, folder, [first, first, *others])


def test_a_case_that_is_read_cannot_be_a_like_case(study: Study, folder: Path) -> None:
    lines = rows(folder)
    lines[0] |= {"similar_1": lines[1]["image"], "similar_1_diagnosis": "nevus"}
    assert "stands as a like case" in refused(study, folder, lines)


def test_output_is_frozen_once(study: Study, folder: Path) -> None:
    file = written(folder, rows(folder))
    bring_in(study, file)
    with pytest.raises(StudyFrozen):
        bring_in(study, file)


def test_the_command_lists_faults_by_line(study: Study, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, *others = rows(folder)
    file = written(folder, [{**first, "p:melanoma": "2"}, *others])
    with pytest.raises(CommandError, match="Nothing was frozen"):
        call_command("import_aids", study.slug, file, simulated=True)
    assert "output.csv:2: the probabilities" in capsys.readouterr().err
