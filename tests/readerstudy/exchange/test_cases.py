"""Imports into the database: what stays, and that nothing stays after a fault."""

import errno
from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from readerstudy.exchange.cases import Choice, Imported, import_cases
from readerstudy.exchange.layout import Layout
from readerstudy.models import Case, Study
from readerstudy.services.errors import StudyFrozen
from readerstudy.services.study import create_study, edit_design
from readerstudy.table.reading import BadRows
from readerstudy.truth.models import ReferenceStandard
from tests.readerstudy.exchange.folder import mask, picture, table, three_cases
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.shared_data import shared
from webapp.imagery import storage
from webapp.imagery.errors import StorageFull
from webapp.imagery.models import Image

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture(autouse=True)
def images_folder(tmp_path_factory: pytest.TempPathFactory, settings: object) -> Path:
    settings.IMAGERY_ROOT = tmp_path_factory.mktemp("images")
    return settings.IMAGERY_ROOT


@pytest.fixture
def study() -> Study:
    return create_study(title="Imported", preset="dermino-two-round", seed=1, by=None, at=NOON)


def bring_in(study: Study, place: Path, **choice: object) -> Imported:
    return import_cases(study, place, Layout(), Choice(**choice), by=None, at=NOON)


def refused(study: Study, place: Path, **choice: object) -> list[str]:
    with pytest.raises(BadRows) as caught:
        bring_in(study, place, **choice)
    return [f"{row.line}: {row.reason}" for row in caught.value.rows]


def left_behind() -> list[object]:
    files = [path for path in Path(settings.IMAGERY_ROOT).rglob("*") if path.is_file()]
    return [*files, *Image.objects.all(), *Case.objects.all(), *ReferenceStandard.objects.all()]


def test_cases_truth_and_masks_each_land_in_their_place(study: Study, tmp_path: Path) -> None:
    done = bring_in(study, three_cases(tmp_path))
    truth = {row.case_id: row for row in ReferenceStandard.objects.all()}
    assert (done.added, done.mix) == (3, {"set": {"melanoma": 1, "nevus": 2}})
    assert study.datasets.get().classes == ["melanoma", "nevus"]
    assert set(truth) == set(study.cases.values_list("id", flat=True))
    with_mask = [row.mask_id for row in truth.values() if row.mask_id]
    assert [Image.objects.get(pk=pk).kind for pk in with_mask] == ["mask"]
    assert {case.attributes.get("sex") for case in study.cases.all()} == {"female", "male", None}


def test_the_diagnosis_is_nowhere_in_the_cases_own_database(study: Study, tmp_path: Path) -> None:
    bring_in(study, three_cases(tmp_path))
    for case in study.cases.values():
        assert "melanoma" not in str(case) and "nevus" not in str(case)


def test_a_second_run_finds_everything_there(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    bring_in(study, tmp_path)
    again = bring_in(study, tmp_path)
    assert (again.added, again.already, study.cases.count()) == (0, 3, 3)
    assert ReferenceStandard.objects.count() == 3


def test_a_second_run_with_another_diagnosis_is_a_fault(study: Study, tmp_path: Path) -> None:
    bring_in(study, three_cases(tmp_path))
    table(tmp_path, ["a.png,set,nevus,,,"])
    assert refused(study, tmp_path) == [
        '2: "a.png" is there already as "melanoma", not "nevus". Find out which is right.'
    ]


def _corrupt(folder: Path) -> None:
    (folder / "c.png").write_bytes((folder / "c.png").read_bytes()[:60])


def _text(folder: Path) -> None:
    (folder / "c.png").write_text("not an image")


def _empty(folder: Path) -> None:
    (folder / "c.png").write_bytes(b"")


def _duplicate(folder: Path) -> None:
    copyfile(folder / "a.png", folder / "c.png")


def _corrupt_mask(folder: Path) -> None:
    (folder / "b_mask.png").write_text("not an image")


@pytest.mark.parametrize(
    ("spoil", "line"), [(_corrupt, 4), (_text, 4), (_empty, 4), (_duplicate, 4), (_corrupt_mask, 3)]
)
def test_one_bad_file_is_named_by_its_line_and_nothing_stays(
    study: Study, tmp_path: Path, spoil: Callable[[Path], None], line: int
) -> None:
    three_cases(tmp_path)
    spoil(tmp_path)
    assert [fault.split(":")[0] for fault in refused(study, tmp_path)] == [str(line)]
    assert left_behind() == []


def test_a_huge_image_is_refused(study: Study, tmp_path: Path, settings: object) -> None:
    settings.IMAGERY_MAX_PIXELS = 48 * 48 - 1
    assert len(refused(study, three_cases(tmp_path))) == 4  # three pictures and a mask
    assert left_behind() == []


def test_a_full_disk_leaves_nothing_behind(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def fsync(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 4:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", fsync)
    with pytest.raises(StorageFull):
        bring_in(study, three_cases(tmp_path))
    assert left_behind() == []


def test_a_copy_with_the_same_diagnosis_may_be_left_out(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    copyfile(tmp_path / "b.png", tmp_path / "c.png")
    done = bring_in(study, tmp_path, keep_first_of_copies=True)
    assert (done.added, [row.line for row in done.left_out]) == (2, [4])


def test_a_copy_with_another_diagnosis_is_always_a_fault(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    copyfile(tmp_path / "a.png", tmp_path / "c.png")
    assert "melanoma" in refused(study, tmp_path, keep_first_of_copies=True)[0]


def test_pictures_that_look_alike_are_warned_of(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    from_disk = (tmp_path / "b.png").read_bytes()
    picture(tmp_path / "c.png", 1).write_bytes(from_disk + b"\0")  # another file, the same pixels
    done = bring_in(study, tmp_path)
    assert [row.line for row in done.warnings] == [4]


def test_an_unknown_class_is_answered_with_the_nearest(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    table(tmp_path, ["a.png,set,melanom,,,"])
    faults = refused(study, tmp_path, classes={"": ["melanoma", "nevus"]})
    assert 'Did you mean "melanoma"?' in faults[0]


def test_the_first_import_fixes_the_classes_until_an_option_widens_them(study: Study, tmp_path: Path) -> None:
    bring_in(study, three_cases(tmp_path))
    picture(tmp_path / "d.png", 9)
    table(tmp_path, ["d.png,set,dermatofibroma,,,"])
    assert "--classes" in refused(study, tmp_path)[0]
    bring_in(study, tmp_path, classes={"set": ["melanoma", "nevus", "dermatofibroma"]})
    assert study.datasets.get().classes == ["dermatofibroma", "melanoma", "nevus"]


def test_classes_may_be_offered_that_no_case_has(study: Study, tmp_path: Path) -> None:
    bring_in(study, three_cases(tmp_path), classes={"": ["melanoma", "nevus", "angioma"]})
    assert study.datasets.get().classes == ["angioma", "melanoma", "nevus"]


def test_practice_cases_carry_public_answers_and_touch_no_truth(study: Study, tmp_path: Path) -> None:
    bring_in(study, three_cases(tmp_path), practice=True)
    answers = sorted(study.practice_cases.values_list("answer", flat=True))
    assert answers == ["melanoma", "nevus", "nevus"]
    assert (ReferenceStandard.objects.count(), study.cases.count()) == (0, 0)


@pytest.mark.parametrize("practice_first", [True, False])
def test_no_live_case_is_practised_on(study: Study, tmp_path: Path, practice_first: bool) -> None:
    three_cases(tmp_path)
    bring_in(study, tmp_path, practice=practice_first)
    assert len(refused(study, tmp_path, practice=not practice_first)) == 3


def test_a_launched_study_takes_no_cases(tmp_path: Path) -> None:
    study, _ = live_study()
    with pytest.raises(StudyFrozen):
        bring_in(study, three_cases(tmp_path))


def test_once_the_ai_output_is_frozen_only_practice_cases_are_taken(tmp_path: Path) -> None:
    study = draft_study()
    three_cases(tmp_path)
    before = len(left_behind())
    with pytest.raises(StudyFrozen, match="AI output"):
        bring_in(study, tmp_path)
    assert len(left_behind()) == before
    assert bring_in(study, tmp_path, practice=True).added == 3


def test_the_command_lists_faults_on_stderr_and_says_that_nothing_was_imported(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    three_cases(tmp_path)
    _text(tmp_path)
    with pytest.raises(CommandError, match="Nothing was imported") as failed:
        call_command("import_cases", study.slug, str(tmp_path))
    assert failed.value.returncode == 2
    assert ":4: c.png:" in capsys.readouterr().err


def test_the_command_names_the_studies_there_are(study: Study, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=study.slug):
        call_command("import_cases", "another", str(tmp_path))


def test_real_dermoscopy_comes_in_by_one_command(study: Study) -> None:
    folder = shared("data/isic2017")
    call_command(
        "import_cases", study.slug, str(folder), "--column", "image=isic_id", "--column", "diagnosis=label",
        "--column", "age=age_approx", "--images", "images/{}.jpg", "--masks", "masks/{}.png", "--dataset", "ISIC2017",
        "--limit", "119", "--stratify", "1",
    )  # fmt: skip
    assert study.cases.count() == 119
    assert ReferenceStandard.objects.exclude(mask_id=None).count() == 119


def test_a_mask_shared_by_two_rows_is_kept_once(study: Study, tmp_path: Path) -> None:
    three_cases(tmp_path)
    mask(tmp_path / "b_mask.png", 8)
    table(tmp_path, ["a.png,set,melanoma,b_mask.png,,", "b.png,set,nevus,b_mask.png,,"])
    bring_in(study, tmp_path)
    assert Image.objects.filter(kind="mask").count() == 1


def test_a_case_may_have_several_images_and_clinical_data(study: Study, tmp_path: Path) -> None:
    for number in range(4):
        picture(tmp_path / f"{number}.png", number)
    (tmp_path / "cases.csv").write_text(
        "image,dataset,diagnosis,image_2,image_2_kind,history\n"
        "0.png,set,nevus,1.png,photograph,grew since spring\n2.png,set,melanoma,3.png,photograph,\n"
    )
    assert bring_in(study, tmp_path).added == 2
    case = study.cases.get(attributes__history="grew since spring")
    assert [(one.position, one.kind) for one in case.further_images.all()] == [(2, "photograph")]
    assert Image.objects.count() == 4


def test_a_study_without_reference_standard_needs_no_diagnosis(study: Study, tmp_path: Path) -> None:
    features = {"questions": [{"name": "network", "kind": "yes_no", "text": "Network?"}]}
    edit_design(study_id=study.pk, values={**features, "rounds": [{}], "reference": False}, by=None, at=NOON)
    study.refresh_from_db()
    picture(tmp_path / "0.png", 0)
    (tmp_path / "cases.csv").write_text("image,dataset\n0.png,set\n")
    assert bring_in(study, tmp_path).added == 1
    assert not ReferenceStandard.objects.exists()


def test_only_the_test_split_is_read_from_a_data_set(study: Study, tmp_path: Path) -> None:
    for number in range(3):
        picture(tmp_path / f"{number}.png", number)
    table(tmp_path, ["0.png,set,nevus,train", "1.png,set,nevus,test", "2.png,set,melanoma,Test"],
          header="image,dataset,diagnosis,split")  # fmt: skip
    assert bring_in(study, tmp_path, split="test").added == 2
    assert not any("split" in case.attributes for case in study.cases.all())
    assert "There are: Test, test, train" in refused(study, tmp_path, split="tset")[0]
