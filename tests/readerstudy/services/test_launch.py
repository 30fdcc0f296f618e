"""What blocks a launch, and what the launch signs."""

import pytest

from readerstudy.models import Signature, Study
from readerstudy.services.amendment import amend_study
from readerstudy.services.errors import NotReady, StudyFrozen
from readerstudy.services.launch import faults_before_launch, launch_signed, launch_study
from readerstudy.services.pilot import start_dry_run
from readerstudy.services.signature import NotSigned
from readerstudy.services.study import edit_design
from readerstudy.truth.services import diagnoses, truth_sha256
from tests.readerstudy.sample_study import NOON, draft_study
from tests.readerstudy.signers import PASSWORD, signer

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def designed(**values):
    study = draft_study(cases=3)
    edit_design(study_id=study.pk, values={"rounds": [{}], **values}, by=None, at=NOON)
    study.refresh_from_db()
    return study


def test_a_launch_is_signed_over_the_protocols_hash():
    study = designed()
    protocol = launch_signed(study_id=study.pk, by=signer(), password=PASSWORD, at=NOON)
    signature = Signature.objects.get(study=study)
    assert (signature.meaning, signature.sha256) == ("protocol_lock", protocol.sha256)
    assert signature.printed_name.startswith("Ada Signer")


def test_a_wrong_password_launches_nothing():
    study = designed()
    with pytest.raises(NotSigned):
        launch_signed(study_id=study.pk, by=signer(), password="something else", at=NOON)
    assert Study.objects.get(pk=study.pk).state == "draft"
    assert not Signature.objects.exists()


def test_a_class_that_no_reader_can_choose_blocks_the_launch_of_who_knows_it():
    question = {"name": "diagnosis", "kind": "diagnosis", "text": "Which?", "options": ["nevus", "psoriasis"]}
    study = designed(questions=[question])
    faults = faults_before_launch(study, strata=diagnoses(study.pk))
    assert any("melanoma" in fault and "truth of a case" in fault for fault in faults)
    assert faults_before_launch(study) == []


def test_a_mask_that_some_case_lacks_blocks_an_arm_that_shows_masks():
    modalities = [{"name": "unaided"}, {"name": "aided", "shows": ["similar"]}]
    study = designed(modalities=modalities, rounds=[{"modality": "aided"}])
    with pytest.raises(NotReady) as refused:
        launch_study(study_id=study.pk, by=None, at=NOON)
    assert "3 cases have none" in refused.value.details["faults"][0]


def test_the_planned_power_stands_in_the_protocol():
    power = {"difference": 0.1, "var_reader_by_test": 0.0004, "cov1": 0.0002, "cov2": 0.0003, "cov3": 0.0001,
             "var_error": 0.0008}  # fmt: skip
    study = designed(planned_readers=23, power=power)
    document = launch_study(study_id=study.pk, by=None, at=NOON).document["planned_power"]
    assert (document["readers"], document["cases"], document["difference"]) == (23, 3, 0.1)
    assert 0.5 < document["power"] <= 1


def test_the_protocol_holds_the_hash_of_the_truth_and_keeps_it_through_amendments():
    study = designed()
    launch_study(study_id=study.pk, by=None, at=NOON, truth_sha256=truth_sha256(study.pk))
    amend_study(study_id=study.pk, changes={"title": "Another"}, reason="Typo", by=signer(), at=NOON)
    hashes = [one.document["truth_sha256"] for one in study.protocol_versions.order_by("number")]
    assert hashes == [truth_sha256(study.pk)] * 2


def test_a_round_that_a_dry_run_has_read_cannot_be_left_out():
    study = designed(rounds=[{}, {"washout_days": 3}])
    start_dry_run(study_id=study.pk, person=signer(), speed=10, at=NOON)
    with pytest.raises(StudyFrozen, match="readings are never deleted"):
        edit_design(study_id=study.pk, values={"rounds": [{}]}, by=None, at=NOON)
