"""The rows of studies of every kind, as they come out of the database and truth."""

from dataclasses import replace

import pytest

from readerstudy.models import Answer, Exclusion, FrozenAid, Grade, Grader, Reader, Reading, Study
from readerstudy.results.asked import question_values
from readerstudy.results.joined import report_for, rows_for
from readerstudy.services.enrolment import enrol
from readerstudy.services.launch import launch_study
from readerstudy.services.next_step import CaseStep, start_batch
from readerstudy.services.study import edit_design, lock_study_row
from readerstudy.table import Row, Status, parse_table, written
from readerstudy.truth.altered_sets import record_altered
from tests.readerstudy.results.test_report import find
from tests.readerstudy.sample_study import NOON, draft_study
from tests.readerstudy.services.test_stages import DIAGNOSIS, TWO_STAGES, Desk, study_with
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])
ACT = {"name": "act", "kind": "management", "text": "What do you do?", "options": ["excise", "dismiss"]}


def all_answered(desk: Desk, **values: object) -> None:
    """Read until nothing is left of the session: the first class on offer, the AI's where it is shown."""
    while isinstance(step := desk.next(), CaseStep):
        answer = step.aid.answer if step.aid else step.reading.classes[0]
        asked = {one.name for one in step.reading.questions}
        given = {"diagnosis": answer, **values}
        desk.start(step)
        desk.submit(step, {name: value for name, value in given.items() if name in asked})


def launched(*, cases: int, design: dict) -> Study:
    """A live study of one round whose cases are drawn by `design`."""
    draft = draft_study(cases=cases, seed=8)
    values = {"questions": [DIAGNOSIS], "rounds": [{}], "cases": design}
    edit_design(study_id=draft.pk, values=values, by=None, at=NOON)
    launch_study(study_id=draft.pk, by=None, at=NOON)
    draft.refresh_from_db()
    return draft


def rows(study: Study) -> list[Row]:
    study.refresh_from_db()
    found = rows_for(study)
    read = parse_table("".join(written(found))).rows
    assert {row.key for row in read} == {row.key for row in found}, "the export reads back"
    return found


def test_the_stages_of_a_reading_are_rounds_that_name_their_stage_and_modality():
    study = study_with(rounds=[{"stages": TWO_STAGES}])
    all_answered(Desk(study))
    found = rows(study)
    named = {(row.round, row.stage, row.modality) for row in found}
    assert named == {(1, "alone", "unaided"), (2, "with AI", "aided")} and len(found) == 8
    assert all(row.answer == row.ai_answer for row in found if row.round == 2)
    assert all(row.status is Status.ANSWERED and row.answered_at and row.presented_at for row in found)
    assert {row.session for row in found} == {row.arm for row in found} == {None}


def test_a_later_rounds_stages_are_counted_on():
    study = study_with(rounds=[{"stages": TWO_STAGES}, {"stages": [{"modality": "aided"}]}])
    all_answered(Desk(study))
    assert {(row.round, row.stage) for row in rows(study)} == {(1, "alone"), (2, "with AI"), (3, None)}


def test_a_timed_out_stage_is_a_timeout_of_its_own_round_only():
    study = study_with(rounds=[{"stages": TWO_STAGES}], cases=2)
    desk = Desk(study)
    step = desk.next()
    desk.start(step)
    desk.submit(step, {}, outcome="timed_out", after=20)
    all_answered(desk)
    states = sorted((row.round, row.status.value) for row in rows(study))
    assert states == [(1, "answered"), (1, "timeout"), (2, "answered"), (2, "answered")]


def test_a_stage_that_was_not_due_carries_the_answer_before_without_a_time():
    prompt = {"name": "prompt", "modality": "aided", "prompt": "on_disagreement"}
    study = study_with(rounds=[{"stages": [{}, prompt]}], cases=1)
    desk = Desk(study)
    step = desk.next()
    suggested = FrozenAid.objects.get(case=step.reading.case).answer
    desk.start(step)
    desk.submit(step, {"diagnosis": suggested})
    first, second = rows(study)
    assert (second.round, second.stage, second.answer, second.status) == (2, "prompt", suggested, Status.ANSWERED)
    assert first.time_ms and second.time_ms is None and second.answered_at is None


def test_a_reading_that_was_not_reached_is_missing():
    study = study_with(rounds=[{"stages": TWO_STAGES}], cases=2)
    Desk(study).read()
    assert sorted((row.round, row.status.value) for row in rows(study)) == [
        (1, "answered"), (1, "missing"), (2, "missing"), (2, "missing"),
    ]  # fmt: skip


def test_a_ranked_list_fills_the_further_answers_and_an_action_leaves_the_final_list():
    ranked = {"name": "differential", "kind": "ranked", "text": "Which diagnoses?", "most": 3}
    action = {"name": "action", "kind": "action", "text": "Use it?"}
    stages = [{"questions": ["differential"]}, {"modality": "aided", "questions": ["action"]}]
    study = study_with(questions=[ranked, action], rounds=[{"stages": stages}], cases=1)
    desk = Desk(study)
    step = desk.next()
    suggested = FrozenAid.objects.get(case=step.reading.case).answer
    others = [one for one in step.reading.classes if one != suggested]
    desk.start(step)
    desk.submit(step, {"differential": others})
    step = desk.next()
    desk.start(step)
    desk.submit(step, {"action": "replace"})
    first, second = rows(study)
    assert list(first.ranked) == others and list(second.ranked) == [suggested, *others]


def test_management_stands_where_its_stage_asks_for_it():
    stages = [{"questions": ["diagnosis"]}, {"modality": "aided", "questions": ["act"]}]
    study = study_with(questions=[DIAGNOSIS, ACT], rounds=[{"stages": stages}], cases=1)
    all_answered(Desk(study), act="excise")
    first, second = rows(study)
    assert (first.management, second.management) == (None, "excise")
    assert second.answer == first.answer, "a stage that asks for no diagnosis keeps the one before"


def test_a_question_passed_over_is_an_answer_that_tells_nothing():
    study = study_with(questions=[{**DIAGNOSIS, "required": False}, ACT], cases=1)
    desk = Desk(study)
    step = desk.next()
    desk.start(step)
    desk.submit(step, {"act": "dismiss"})
    (row,) = rows(study)
    assert row.answer == "cannot tell" and not row.correct


def test_sessions_are_named_where_a_reader_may_read_several():
    batches = launched(cases=6, design={"per_reader": 2, "batches": 2})
    desk = Desk(batches)
    all_answered(desk)
    start_batch(now=desk.now, **desk.who)
    all_answered(desk)
    found = rows(batches)
    assert sorted({row.session for row in found}) == ["1", "2"]
    line = find(report_for(batches)["accuracy"], group="all", dataset="all", reader="all")
    assert (line["readers"], line["sessions"]) == (1, 2)


def test_the_ai_answer_is_of_the_source_that_the_readers_modality_shows():
    other = {"name": "other", "shows": ["ranked"], "source": "second"}
    study = study_with(
        modalities=[{"name": "unaided"}, {"name": "aided", "shows": ["ranked"]}, other],
        further_models=["second"],
        arms=[{"name": "A", "modalities": [["unaided", "aided"]]}, {"name": "B", "modalities": [["unaided", "other"]]}],
        rounds=[{"stages": TWO_STAGES}],
        freeze=["second"],
    )
    for number in (1, 2):
        all_answered(Desk(study, number=number))
    found = rows(study)
    assert {row.arm for row in found} == {"A", "B"}
    answers = {
        (str(aid.case_id), {"ai": "A", "second": "B"}[aid.source]): aid.answer for aid in FrozenAid.objects.all()
    }
    assert all(row.ai_answer == answers[row.case, row.arm] for row in found)
    assert all(row.answer == row.ai_answer for row in found if row.round == 2)


def test_only_counted_readings_of_readers_who_stay_stand_in_the_table():
    study = study_with(cases=4)
    desks = [Desk(study, number=number) for number in (1, 2, 3)]
    for desk in desks:
        all_answered(desk)
    enrol(lock_study_row(study.pk), person_for("dry@example.org"), at=NOON, kind=Reader.Kind.DRY_RUN)
    whole = rows(study)
    assert len(whole) == 12 and {row.reader for row in whole} == {"r01", "r02", "r03"}
    first = Reading.objects.filter(reader=desks[1].reader).order_by("position")[0]
    Exclusion.objects.create(study=study, reader=desks[0].reader, decision="excluded", reason="no consent", at=NOON)
    Exclusion.objects.create(study=study, reading=first, decision="excluded", reason="recognised", at=NOON)
    Exclusion.objects.create(study=study, reader=desks[2].reader, decision="excluded", reason="mistake", at=NOON)
    Exclusion.objects.create(study=study, reader=desks[2].reader, decision="kept", reason="a mistake", at=NOON)
    kept = rows(study)
    assert len(kept) == 7 and {row.reader for row in kept} == {"r02", "r03"}
    listed = {(row["rule"], row["scope"]): row["n"] for row in report_for(study)["exclusions"]}
    assert listed == {("no consent", "reader"): 1, ("recognised", "reading"): 1}
    Reader.objects.filter(pk=desks[2].reader.pk).update(withdrawn_at=NOON)
    assert {row.reader for row in rows(study)} == {"r02"}


def test_hidden_repeats_stand_apart_and_give_agreement_with_oneself():
    study = launched(cases=12, design={"repeats": 0.25, "repeat_gap": 2})
    desk = Desk(study)
    all_answered(desk)
    found = rows(study)
    assert len(found) == len({row.case for row in found}) == 12
    values = question_values(study)
    again = [one for one in values if one.occurrence == 2]
    assert again and {one.question.split(",")[0] for one in values} == {"diagnosis"}
    lines = [row for row in report_for(study)["questions"] if row["statistic"] == "intra_percent"]
    assert lines and all(row["value"] == 1 for row in lines), "this reader always says the same"


def test_a_study_without_truth_is_about_its_questions():
    yes_no = {"name": "vessels", "kind": "yes_no", "text": "Vessels?"}
    study = study_with(questions=[yes_no], reference=False, rounds=[{}])
    for number in (1, 2):
        all_answered(Desk(study, number=number), vessels=True)
    found = rows(study)
    assert {(row.truth, row.answer, row.status) for row in found} == {(None, None, Status.ANSWERED)}
    report = report_for(study)
    assert report["accuracy"] == [] and find(report["questions"], statistic="percent")["value"] == 1


def test_false_aids_are_known_to_results_only():
    study = study_with(rounds=[{"stages": TWO_STAGES}])
    all_answered(Desk(study))
    case = FrozenAid.objects.filter(case__study=study).first().case_id
    record_altered(study.id, "ai", [case], kind="false")
    lines = report_for(study)["false_aid"]
    assert find(lines, group="all", aid="false")["cases"] == 1
    assert find(lines, group="all", aid="honest")["cases"] == 3


def test_the_head_of_the_report_names_ethics_registration_and_protocol():
    study = study_with()
    Study.objects.filter(pk=study.pk).update(
        registration={"ethics_committee": "Ethics Vienna", "ethics_number": "1/26", "registration": "NCT1"}
    )
    study.refresh_from_db()
    all_answered(Desk(study))
    report = report_for(study)
    head = report["protocol"]
    assert (head["ethics_committee"], head["ethics_number"], head["registration"]) == ("Ethics Vienna", "1/26", "NCT1")
    assert head["protocol_sha256"] and head["seed_sha256"] and head["seed"] is None, "the seed waits for the lock"
    assert report["flow"]["readers_enrolled"] == report["flow"]["readers_finished"] == 1
    assert report["flow"]["readings_by_state"] == {"answered": 4}


def test_planned_power_stands_in_the_head():
    power = {"difference": 0.1, "var_error": 0.002, "cov1": 0.001, "cov2": 0.0008, "cov3": 0.0006}
    study = study_with(power=power, planned_readers=20)
    all_answered(Desk(study))
    planned = report_for(study)["protocol"]["planned_power"]
    assert 0 < planned["power"] < 1 and planned["readers"] == 20, "as it was signed at the launch"


def test_a_group_of_the_profile_is_the_studys_own_group():
    profile = [{"name": "role", "text": "Role", "options": ["gp", "dermatologist"]}]
    study = study_with(profile=profile, groups={"variable": "role"})
    for number, role in enumerate(["gp", "dermatologist"], start=1):
        all_answered(Desk(study, number=number, profile={"role": role}))
    assert {(row.reader, row.group) for row in rows(study)} == {("r01", "gp"), ("r02", "dermatologist")}
    assert report_for(study)["settings"]["named_groups"] == ["dermatologist", "gp"]


def test_a_row_of_another_reader_changes_nothing_of_mine():
    study = study_with()
    all_answered(Desk(study))
    mine = rows(study)
    all_answered(Desk(study, number=2))
    assert [replace(row) for row in rows(study) if row.reader == "r01"] == mine


def test_a_grade_of_an_answer_is_its_score():
    study = study_with(cases=2)
    all_answered(Desk(study))
    answers = Answer.objects.order_by("arrived_at")
    for name, value in (("first", 2.0), ("second", 3.0)):
        grader = Grader.objects.create(study=study, name=name)
        Grade.objects.create(answer=answers[0], grader=grader, measure="diagnosis", value=value, at=NOON)
    assert sorted((row.score for row in rows(study)), key=str) == [2.5, None]
    assert find(report_for(study)["score"], group="all")["readings"] == 1
