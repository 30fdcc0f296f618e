"""The database lock: who, when, over what, and that nothing moves afterwards."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from readerstudy.models import Answer, Exclusion, Reading, Signature, Study
from readerstudy.protocol.random_stream import seed_digest
from readerstudy.selectors.lock import SeedMismatch, readings_changed, revealed_seed, signatures
from readerstudy.selectors.readings_document import SECTIONS, document_sha256, readings_document
from readerstudy.services.errors import NotReady, Refused
from readerstudy.services.exclusion import decide_exclusion
from readerstudy.services.lock import StudyLocked, lock_simulated_study, lock_study
from readerstudy.services.permission import NotAllowed
from readerstudy.services.pilot import start_dry_run
from readerstudy.services.signature import NotSigned
from readerstudy.services.study import close_study
from tests.readerstudy.analytics.finished import finished_study
from tests.readerstudy.sample_study import NOON, live_study
from tests.readerstudy.signers import PASSWORD, signer
from webapp.accounts.services import person_for
from webapp.accounts.signing import set_signing_password
from webapp.audit.chains import breaks
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def closed() -> Study:
    return finished_study(readers=2, cases=3)


def locked() -> Study:
    study = closed()
    lock_study(study_id=study.id, by=signer(), password=PASSWORD, at=NOON)
    study.refresh_from_db()
    return study


def test_a_lock_signs_the_hash_of_the_readings_and_is_audited():
    study = closed()
    before = document_sha256(readings_document(study))
    signature = lock_study(study_id=study.id, by=signer(), password=PASSWORD, at=NOON)
    assert signature.sha256 == before
    assert signature.printed_name == "Ada Signer <signer@example.org>"
    study.refresh_from_db()
    assert (study.state, study.locked_at) == ("locked", NOON)
    event = Event.objects.get(kind="study.locked")
    assert event.data["readings_sha256"] == before
    assert not list(breaks())


def test_a_wrong_password_locks_nothing_and_is_counted():
    study, by = closed(), signer()
    for _try in range(5):
        with pytest.raises(NotSigned, match="wrong"):
            lock_study(study_id=study.id, by=by, password="wrong", at=NOON)
    with pytest.raises(NotSigned, match="too many"):
        lock_study(study_id=study.id, by=by, password=PASSWORD, at=NOON)
    study.refresh_from_db()
    assert study.state == "closed"
    assert not Signature.objects.exists()


def test_a_study_that_still_reads_cannot_be_locked():
    study, _readers = live_study(cases=2)
    with pytest.raises(NotReady, match="Close it first"):
        lock_study(study_id=study.id, by=signer(), password=PASSWORD, at=NOON)


def test_who_has_no_part_in_a_study_cannot_lock_it():
    study, person = closed(), person_for("stranger@example.org")
    set_signing_password(person, PASSWORD, fresh=True, at=NOON)
    with pytest.raises(NotAllowed, match="Administrator"):
        lock_study(study_id=study.id, by=person, password=PASSWORD, at=NOON)


def test_it_is_locked_once():
    study = locked()
    with pytest.raises(StudyLocked, match="was locked on"):
        lock_study(study_id=study.id, by=signer(), password=PASSWORD, at=NOON)


def test_the_system_locks_a_simulated_study_and_no_other():
    study = closed()
    assert lock_simulated_study(study_id=study.id, at=NOON).printed_name == "system"
    real, _readers = live_study(cases=2, seed=8)
    close_study(study_id=real.id, by=None, at=NOON)
    with pytest.raises(Refused, match="A person must lock it"):
        lock_simulated_study(study_id=real.id, at=NOON)


def test_the_seed_is_shown_after_the_lock_only_and_fits_its_published_hash():
    study = closed()
    assert revealed_seed(study) is None
    study = locked()
    assert seed_digest(revealed_seed(study)) == study.seed_sha256
    study.seed += 1
    with pytest.raises(SeedMismatch, match="was changed"):
        revealed_seed(study)


@pytest.mark.parametrize("column", ["seed", "seed_sha256"])
def test_the_database_refuses_a_changed_seed_after_the_launch(column: str):
    study, _readers = live_study(cases=2)
    value = {"seed": study.seed + 1, "seed_sha256": "0" * 64}[column]
    with pytest.raises(IntegrityError, match="cannot change any more"), transaction.atomic():
        Study.objects.filter(pk=study.pk).update(**{column: value})
    Study.objects.filter(pk=study.pk).update(title="Other")


def test_a_changed_row_is_found_by_its_hash():
    study = locked()
    assert not readings_changed(study) and not list(breaks())
    Reading.objects.filter(reader__study=study).update(onset_method="tampered")
    assert readings_changed(study)
    assert list(breaks()) == ["study sample: its readings no longer give the hash that was signed at the database lock"]


def test_no_exclusion_is_taken_after_the_lock():
    study = locked()
    with pytest.raises(StudyLocked):
        decide_exclusion(
            study_id=study.id, kind="reader", target_id=study.readers.first().id, decision="excluded", reason="late",
            by=signer(), at=NOON,
        )  # fmt: skip
    assert not Exclusion.objects.exists()


def test_the_document_is_canonical_json_that_a_stranger_can_hash_again():
    study = closed()
    lines = list(readings_document(study))
    for line in lines:
        values = json.loads(line)
        assert line == json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        assert set(values) - {"kind"} == set(SECTIONS[values["kind"]])
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == document_sha256(lines)
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds.count("reading") == kinds.count("answer") == Answer.objects.count() == 12
    assert kinds == sorted(kinds, key=list(SECTIONS).index)


def test_what_a_dry_run_read_is_in_no_document():
    study, _readers = live_study(cases=2)
    before = document_sha256(readings_document(study))
    tried = start_dry_run(study_id=study.id, person=signer(), speed=10, at=NOON)
    reading = tried.readings.first()
    reading.state, reading.started_at, reading.closed_at = "answered", NOON, NOON + timedelta(seconds=1)
    reading.save()
    Answer.objects.create(reading=reading, diagnosis="nevus", rt_ms=1, arrived_at=NOON)
    assert document_sha256(readings_document(study)) == before


def test_signatures_are_listed_with_name_meaning_and_hash():
    [line] = signatures(locked())
    assert (line.meaning, len(line.sha256)) == ("I lock the readings", 64)


@pytest.mark.parametrize("table", ["signature", "unblinding", "exclusion", "washoutoverride", "consentversion"])
def test_what_was_signed_or_decided_cannot_be_changed(table: str):
    from django.db import connection

    from webapp.audit.append_only import protected_tables

    assert f"readerstudy_{table}" in protected_tables(connection)
