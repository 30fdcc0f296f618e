"""Roles in one study: given by a signed act, and truth never beside reading."""

import pytest

from readerstudy.models import Reader, Signature, Study, StudyRole
from readerstudy.services.enrolment import enrol, invite_readers
from readerstudy.services.permission import ROLES, NotAllowed, Permission, may, permissions_of, require, studies_of
from readerstudy.services.pilot import start_dry_run
from readerstudy.services.signature import NotSigned
from readerstudy.services.study_role import TrutherCannotRead, end_study_role, grant_study_role
from readerstudy.services.truth_log import note_truth_seen
from readerstudy.services.unblinding import may_see_results
from tests.readerstudy.sample_study import NOON, draft_study, live_study
from tests.readerstudy.signers import PASSWORD, lock, signer
from webapp.accounts.models import Person
from webapp.accounts.roles import has_role
from webapp.accounts.services import person_for
from webapp.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def give(study: Study, role: str, email: str = "member@example.org") -> Person:
    grant_study_role(study_id=study.id, email=email, role=role, by=signer(), password=PASSWORD, at=NOON)
    return person_for(email)


@pytest.mark.parametrize("role", StudyRole.Name.values)
def test_each_role_opens_what_the_table_says_and_nothing_else(role: str):
    study = draft_study(cases=1)
    member = give(study, role)
    assert permissions_of(member, study) == {one for one in Permission if role in ROLES[one]}


def test_a_role_is_signed_audited_and_ends_without_being_forgotten():
    study = draft_study(cases=1)
    member = give(study, "monitor")
    assert has_role(member, "team")
    role = StudyRole.objects.get()
    end_study_role(study_id=study.id, role_id=role.pk, by=signer(), password=PASSWORD, at=NOON)
    assert StudyRole.objects.get().ended_at == NOON
    assert not permissions_of(member, study)
    assert [one.meaning for one in Signature.objects.all()] == ["role_granted", "role_ended"]
    assert Event.objects.filter(kind__in=("role.granted", "role.ended")).count() == 2


def test_a_role_in_one_study_opens_no_other():
    study, other = draft_study(cases=1), draft_study(cases=1, seed=8)
    member = give(study, "administrator")
    assert list(studies_of(member)) == [study]
    with pytest.raises(NotAllowed, match="Administrator"):
        require(member, other, Permission.CONDUCT)


def test_without_the_right_password_no_role_is_given():
    study = draft_study(cases=1)
    with pytest.raises(NotSigned):
        grant_study_role(
            study_id=study.id, email="x@example.org", role="monitor", by=signer(), password="wrong", at=NOON
        )
    assert not StudyRole.objects.exists()


def test_who_may_not_conduct_a_study_gives_no_role():
    study = draft_study(cases=1)
    give(study, "monitor", "signer2@example.org")
    with pytest.raises(NotAllowed):
        grant_study_role(
            study_id=study.id, email="x@example.org", role="administrator", by=signer("signer2@example.org", role=""),
            password=PASSWORD, at=NOON,
        )  # fmt: skip


@pytest.mark.parametrize("role", ["truth_manager", "statistician_unblinded"])
def test_who_knows_truth_cannot_read_in_the_study_even_after_the_role_ended(role: str):
    study, _readers = live_study(readers=0, cases=2)
    member = give(study, role)
    with pytest.raises(TrutherCannotRead, match="cannot read in it"):
        invite_readers(study_id=study.id, pasted=member.email, by=None, at=NOON)
    end_study_role(study_id=study.id, role_id=StudyRole.objects.get().pk, by=signer(), password=PASSWORD, at=NOON)
    with pytest.raises(TrutherCannotRead):
        enrol(study, member, at=NOON)
    assert not Reader.objects.exists()


def test_who_reads_in_a_study_cannot_be_given_its_truth():
    study, [reader] = live_study(cases=2)
    with pytest.raises(TrutherCannotRead, match="must not know its truth"):
        give(study, "truth_manager", reader.person.email)
    give(study, "monitor", reader.person.email)


def test_who_opened_the_truth_page_cannot_read():
    study, _readers = live_study(readers=0, cases=2)
    administrator = signer()
    note_truth_seen(study, by=administrator, at=NOON)
    note_truth_seen(study, by=administrator, at=NOON)
    assert Event.objects.filter(kind="truth.seen").count() == 1
    with pytest.raises(TrutherCannotRead):
        enrol(study, administrator, at=NOON)


def test_a_site_administrator_who_reads_keeps_all_but_truth_and_unblinding():
    study, _readers = live_study(readers=0, cases=2)
    administrator = signer()
    before = permissions_of(administrator, study)
    enrol(study, administrator, at=NOON)
    assert before - permissions_of(administrator, study) == {Permission.TRUTH, Permission.UNBLIND}
    with pytest.raises(NotAllowed, match="You read in"):
        require(administrator, study, Permission.TRUTH)


def test_a_dry_run_makes_nobody_a_reader():
    study = draft_study(cases=2)
    administrator = signer()
    start_dry_run(study_id=study.id, person=administrator, speed=5, at=NOON)
    assert may(administrator, study, Permission.TRUTH)


def test_after_the_lock_every_role_but_the_truth_manager_sees_results():
    study, _readers = live_study(cases=2)
    members = {role: give(study, role, f"{role}@example.org") for role in StudyRole.Name.values}
    assert not any(may_see_results(study, one) for one in members.values())
    study = lock(study)
    assert {role for role, one in members.items() if not may_see_results(study, one)} == {"truth_manager"}
