"""Truth has a source, versions that stay, and a way from several opinions to one."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connections, transaction

from readerstudy.truth.adjudication import adjudicate, decide, give_opinion, k_of_n, opinions
from readerstudy.truth.altered_sets import altered_cases, record_altered
from readerstudy.truth.models import Opinion, ReferenceHistory, ReferenceStandard
from readerstudy.truth.services import (
    NoReason,
    Reference,
    change_reference,
    diagnoses,
    record_references,
    reference_of,
    truth_sha256,
    versions,
)
from readerstudy.truth.sources import BadSource
from tests.readerstudy.sample_study import NOON
from webapp.audit.append_only import protected_tables

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
STUDY = uuid4()


def record(*references: Reference) -> int:
    return record_references(STUDY, references, at=NOON)


def test_recording_twice_is_one_version_and_a_change_is_the_next_with_its_reason():
    case = uuid4()
    record(Reference(case, "nevus"))
    record(Reference(case, "nevus"))
    assert (
        change_reference(STUDY, Reference(case, "melanoma", source="histology"), reason="Report came", by="p1", at=NOON)
        == 2
    )
    assert [(one.number, one.diagnosis, one.reason, one.by) for one in versions(STUDY)[case]] == [
        (1, "nevus", "", ""), (2, "melanoma", "Report came", "p1"),
    ]  # fmt: skip
    assert diagnoses(STUDY) == {case: "melanoma"}


def test_a_change_needs_a_reason():
    case = uuid4()
    record(Reference(case, "nevus"))
    with pytest.raises(NoReason):
        change_reference(STUDY, Reference(case, "melanoma"), reason="  ", by="p1", at=NOON)
    assert reference_of(case).diagnosis == "nevus"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": "guess"}, "no source of truth"),
        ({"source": "panel"}, "needs both numbers"),
        ({"source": "panel", "panel_agreed": 4, "panel_of": 3}, "4 of 3"),
        ({"source": "histology", "panel_agreed": 1, "panel_of": 3}, "Panel numbers stand beside histology"),
        ({"certainty": 1.5}, "Use 0 to 1"),
    ],
)
def test_a_source_that_contradicts_itself_is_named_and_nothing_is_kept(fields: dict, said: str):
    with pytest.raises(BadSource, match=said):
        record(Reference(uuid4(), "nevus"), Reference(uuid4(), "nevus", **fields))
    assert not ReferenceStandard.objects.exists()


@pytest.mark.parametrize("table", ["truth_referencehistory", "truth_opinion"])
def test_history_and_opinions_cannot_be_changed(table: str):
    assert table in protected_tables(connections["truth"])
    record(Reference(uuid4(), "nevus"))
    if table == "truth_referencehistory":
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(using="truth"):
            ReferenceHistory.objects.update(diagnosis="melanoma")


@pytest.mark.parametrize(
    ("held", "k", "diagnosis", "agreed"),
    [
        (["nevus", "nevus", "melanoma"], 2, "nevus", 2),
        (["nevus", "nevus", "melanoma"], 3, None, 2),
        (["nevus", "melanoma"], 1, None, 1),
        (["nevus", "nevus", "melanoma", "melanoma"], 2, None, 2),
        ([], 1, None, 0),
    ],
)
def test_k_of_n_needs_k_and_no_other_as_frequent(held: list[str], k: int, diagnosis: str | None, agreed: int):
    panel = k_of_n(held, k=k)
    assert (panel.diagnosis, panel.agreed, panel.of) == (diagnosis, agreed, len(held))


def test_nobody_alone_is_a_rule():
    with pytest.raises(ValueError, match="at least 1"):
        k_of_n(["nevus"], k=0)


def opine(case: UUID, **held: str) -> None:
    for person, diagnosis in held.items():
        give_opinion(STUDY, case, person=person, diagnosis=diagnosis, at=NOON)


def test_a_panel_settles_where_enough_agree_and_names_the_rest():
    clear, split = uuid4(), uuid4()
    record(Reference(clear, "nevus"), Reference(split, "nevus"))
    opine(clear, a="melanoma", b="melanoma", c="nevus")
    opine(split, a="melanoma", b="nevus")
    done = adjudicate(STUDY, k=2, by="p1", at=NOON)
    assert (set(done.settled), set(done.open)) == ({clear}, {split})
    made = reference_of(clear)
    assert (made.diagnosis, made.source, made.panel_agreed, made.panel_of) == ("melanoma", "panel", 2, 3)
    assert reference_of(split).diagnosis == "nevus"


def test_a_later_opinion_of_the_same_person_replaces_the_first_which_stays():
    case = uuid4()
    opine(case, a="nevus")
    opine(case, a="melanoma")
    assert opinions(STUDY) == {case: {"a": "melanoma"}}
    assert Opinion.objects.count() == 2


def test_a_named_adjudicator_settles_the_rest():
    case = uuid4()
    record(Reference(case, "nevus"))
    opine(case, a="melanoma", b="nevus")
    decide(STUDY, case, diagnosis="melanoma", adjudicator="p9", reason="Second slide", at=NOON)
    made = reference_of(case)
    assert (made.diagnosis, made.decided_by, made.panel_agreed, made.panel_of) == ("melanoma", "p9", 1, 2)
    with pytest.raises(NoReason):
        decide(STUDY, case, diagnosis="nevus", adjudicator="p9", reason="", at=NOON)


def test_the_hash_of_the_truth_moves_with_the_truth_and_with_nothing_else():
    case = uuid4()
    assert truth_sha256(STUDY) is None
    record(Reference(case, "nevus"))
    before = truth_sha256(STUDY)
    record(Reference(case, "nevus"))
    assert truth_sha256(STUDY) == before
    record(Reference(case, "melanoma"))
    assert truth_sha256(STUDY) != before


def test_flags_of_altered_output_are_kept_by_set_and_replaced_with_it():
    one, other = uuid4(), uuid4()
    record_altered(STUDY, "faulty", [one], kind="false")
    record_altered(STUDY, "faulty", [other], kind="false")
    assert altered_cases(STUDY) == {("faulty", other): "false"}
