"""A study must not read what its AI has learnt from."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from readerstudy.models import Study
from readerstudy.services.launch import faults_before_launch
from readerstudy.services.training_overlap import Overlap, overlap_warnings, training_overlap
from tests.readerstudy.sample_study import NOON, draft_study
from webapp.inference.learnt import FILE
from webapp.inference.models import ModelVersion

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def with_model(study: Study, folder: Path, learnt: list[bytes] | None) -> Study:
    """A registered model that says it has learnt from pictures with these fingerprints."""
    files = {}
    if learnt is not None:
        prints = np.frombuffer(b"".join(learnt), dtype=np.uint8).reshape(len(learnt), -1)
        np.save(folder / FILE, prints)
        files[FILE] = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    study.aid_model = ModelVersion.objects.create(
        name="Model", sha256="0" * 64, folder=str(folder), card={"files": files}, registered_at=NOON
    )
    study.save()
    return study


def turned(fingerprint: bytes, bits: int) -> bytes:
    """The fingerprint with so many of its bits changed."""
    return (int.from_bytes(fingerprint) ^ (2**bits - 1)).to_bytes(len(fingerprint))


@pytest.mark.parametrize(("bits", "known"), [(0, True), (36, True), (37, False)])
def test_a_case_or_a_near_copy_that_the_model_has_learnt_from_is_found(tmp_path: Path, bits: int, known: bool):
    study = draft_study(cases=4)
    case = study.cases.select_related("image").order_by("id")[1]
    with_model(study, tmp_path, [turned(bytes(case.image.fingerprint), bits)])
    assert training_overlap(study) == Overlap(frozenset({case.id} if known else ()))


def test_it_blocks_the_launch_and_says_how_to_cure_it(tmp_path: Path):
    study = draft_study(cases=3)
    case = study.cases.select_related("image").first()
    with_model(study, tmp_path, [bytes(case.image.fingerprint)])
    [fault] = faults_before_launch(study)
    assert "has learnt from 1 case" in fault and str(case.id)[:8] in fault and "--exclude-study sample" in fault


def test_a_model_that_does_not_say_what_it_learnt_from_is_warned_of_and_blocks_nothing(tmp_path: Path):
    study = with_model(draft_study(cases=2), tmp_path, None)
    assert faults_before_launch(study) == []
    [warning] = overlap_warnings(study)
    assert "does not say which images it has learnt from" in warning


def test_a_study_without_a_model_overlaps_with_nothing():
    study = draft_study(cases=2)
    assert training_overlap(study) == Overlap(frozenset()) and overlap_warnings(study) == []
