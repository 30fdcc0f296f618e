"""Stages, batches, arms and the other parts of a plan, through the services that a reader's browser calls."""

from datetime import timedelta
from uuid import uuid4

import pytest

from readerstudy.models import AidShown, Answer, FrozenAid, PassedStage, Reader, Reading
from readerstudy.selectors.reader import studies_of
from readerstudy.services.aid import SimulatedAid, freeze_set
from readerstudy.services.enrolment import enrol, give_consent, save_profile
from readerstudy.services.errors import LeaseLost, NotReady, Refused
from readerstudy.services.launch import launch_study
from readerstudy.services.next_step import CaseStep, confirm_debriefing, next_step, start_batch
from readerstudy.services.practice import finish_practice
from readerstudy.services.reading import Draft, start_reading, submit_answer
from readerstudy.services.reveal import reveal_aid
from readerstudy.services.study import close_study, edit_design, lock_study_row
from readerstudy.truth.services import diagnoses
from tests.readerstudy.sample_study import NOON, draft_study
from webapp.accounts.services import person_for

pytestmark = pytest.mark.django_db(databases=["default", "truth"])

AIDED = {"name": "aided", "shows": ["ranked"]}
DIAGNOSIS = {"name": "diagnosis", "kind": "diagnosis", "text": "Which diagnosis?"}
TWO_STAGES = [{"name": "alone"}, {"name": "with AI", "modality": "aided", "own_answer": True}]


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


class Desk:
    """One reader who has consented and told his years."""

    def __init__(self, study, *, number: int = 1, strata=None, profile=None) -> None:
        person = person_for(f"reader{number}@example.org")
        study.refresh_from_db()
        self.reader = enrol(lock_study_row(study.pk), person, at=NOON, strata=strata or {})
        self.who = {"slug": study.slug, "person_id": person.pk}
        self.now = NOON
        give_consent(at=NOON, **self.who)
        save_profile(experience_years=2, profile=profile or {}, at=NOON, **self.who)
        Reader.objects.filter(pk=self.reader.pk).update(practised_at=NOON)
        self.reader.refresh_from_db()

    def next(self):
        self.now += seconds(1)
        return next_step(now=self.now, **self.who)

    def start(self, step: CaseStep):
        return start_reading(
            reading_id=step.reading.id, lease=step.reading.lease, arrived_at=self.now, **self.who
        )  # fmt: skip

    def submit(self, step: CaseStep, values, *, after: float = 4.0, outcome: str = "answered", key=None):
        self.now += seconds(after)
        rt_ms = round(after * 1000) if outcome == "answered" else None
        draft = Draft(lease=step.reading.lease, key=key or uuid4(), outcome=outcome, values=values, rt_ms=rt_ms)
        return submit_answer(reading_id=step.reading.id, draft=draft, arrived_at=self.now, **self.who)

    def read(self, values=None, **how):
        step = self.next()
        self.start(step)
        if values is None:
            values = {"diagnosis": step.reading.classes[0]}
        return step, self.submit(step, values, **how)


def study_with(*, cases: int = 4, practice: int = 0, strata=None, freeze=None, **values):
    """A live study of the design; `freeze` makes further sets of AI output from the honest ones."""
    draft = draft_study(cases=cases, practice=practice)
    design = {"questions": [DIAGNOSIS], "modalities": [{"name": "unaided"}, AIDED], "rounds": [{}], **values}
    edit_design(study_id=draft.pk, values=design, by=None, at=NOON)
    draft.refresh_from_db()
    for source in freeze or ():
        honest = FrozenAid.objects.filter(case__study=draft, source="ai")
        aids = [
            SimulatedAid(one.case_id, [(r["label"], r["probability"]) for r in reversed(one.ranked)]) for one in honest
        ]
        freeze_set(study_id=draft.pk, source=source, aids=aids, by=None, at=NOON)
    launch_study(study_id=draft.pk, by=None, at=NOON, strata=diagnoses(draft.pk) if strata else {})
    draft.refresh_from_db()
    return draft


def test_each_stage_is_answered_locked_and_timed_by_itself():
    desk = Desk(study_with(rounds=[{"stages": TWO_STAGES}]))
    first, closed = desk.read()
    assert (closed.outcome, closed.next, first.aid) == ("answered", "stage", None)
    second = desk.next()
    assert (second.reading.id, second.reading.stage) == (first.reading.id, 2)
    assert second.aid.answer == FrozenAid.objects.get(case=first.reading.case).answer
    assert second.own == {"diagnosis": first.reading.classes[0]}
    desk.start(second)
    assert desk.submit(second, {"diagnosis": second.reading.classes[1]}, after=6).next == "case"
    answers = Answer.objects.filter(reading_id=first.reading.id).order_by("stage")
    assert [(one.stage, one.diagnosis, one.rt_ms) for one in answers] == [
        (1, first.reading.classes[0], 4000), (2, first.reading.classes[1], 6000),
    ]  # fmt: skip
    passed = PassedStage.objects.get(reading_id=first.reading.id)
    assert (passed.stage, passed.state) == (1, "answered")
    assert AidShown.objects.get(reading_id=first.reading.id).stage == 2


def test_no_aid_is_handed_out_before_the_first_answer_is_committed():
    desk = Desk(study_with(rounds=[{"stages": TWO_STAGES}]))
    step = desk.next()
    assert (step.aid, step.reading.shown_modality) == (None, None)
    desk.start(step)
    assert not AidShown.objects.exists()
    with pytest.raises(Refused, match="no AI output"):
        reveal_aid(reading_id=step.reading.id, lease=step.reading.lease, arrived_at=desk.now, **desk.who)


def test_the_old_window_cannot_start_the_next_stage_unseen():
    desk = Desk(study_with(rounds=[{"stages": TWO_STAGES}]))
    step, _closed = desk.read()
    with pytest.raises(LeaseLost):
        desk.start(step)


def test_a_stage_that_times_out_leads_to_the_next_one():
    desk = Desk(study_with(rounds=[{"stages": TWO_STAGES}]))
    step = desk.next()
    desk.start(step)
    desk.now += seconds(40)
    second = desk.next()
    assert (second.reading.id, second.reading.stage, second.own) == (step.reading.id, 2, None)
    assert PassedStage.objects.get().state == "timeout"


def test_the_same_key_gets_the_first_stages_reply_again():
    desk = Desk(study_with(rounds=[{"stages": TWO_STAGES}]))
    step, key = desk.next(), uuid4()
    desk.start(step)
    first = desk.submit(step, {"diagnosis": step.reading.classes[0]}, key=key)
    assert desk.submit(step, {"diagnosis": step.reading.classes[1]}, key=key) == first
    assert Answer.objects.count() == 1


@pytest.mark.parametrize(("follows_ai", "following"), [(True, "case"), (False, "stage")])
def test_a_prompt_comes_only_where_the_answer_differs_from_the_ai(follows_ai, following):
    prompt = {"name": "prompt", "modality": "aided", "prompt": "on_disagreement"}
    desk = Desk(study_with(rounds=[{"stages": [{}, prompt]}]))
    step = desk.next()
    suggested = FrozenAid.objects.get(case=step.reading.case).answer
    other = next(one for one in step.reading.classes if one != suggested)
    desk.start(step)
    assert desk.submit(step, {"diagnosis": suggested if follows_ai else other}).next == following


def test_a_limit_that_is_not_hard_never_ends_a_reading():
    desk = Desk(study_with(rounds=[{"stages": [{"limit": "soft", "limit_s": 5}]}]))
    step = desk.next()
    desk.start(step)
    desk.now += seconds(600)
    again = desk.next()
    assert again.reading.id == step.reading.id
    assert desk.submit(again, {"diagnosis": step.reading.classes[0]}, after=9).outcome == "answered"


def test_every_question_is_checked_and_all_values_are_kept():
    questions = [
        DIAGNOSIS,
        {"name": "act", "kind": "management", "text": "What do you do?", "options": ["excise", "dismiss"]},
        {"name": "trust", "kind": "scale", "text": "Trust", "low": 1, "high": 5},
        {"name": "note", "kind": "text", "text": "Note", "required": False},
    ]
    desk = Desk(study_with(questions=questions))
    step = desk.next()
    desk.start(step)
    whole = {"diagnosis": step.reading.classes[0], "act": "excise", "trust": 4}
    for spoilt, words in (({**whole, "act": "wait"}, "“wait”"), ({**whole, "trust": 6}, "1 to 5"),
                          ({"diagnosis": "x", **{k: v for k, v in whole.items() if k != "diagnosis"}}, "“x”"),
                          ({**whole, "more": 1}, "does not ask")):  # fmt: skip
        with pytest.raises(Refused, match=words):
            desk.submit(step, spoilt, after=0.1)
    desk.submit(step, whole)
    assert Answer.objects.get().values == whole


def test_what_was_done_with_the_suggestion_leaves_a_stored_list():
    ranked = {"name": "differential", "kind": "ranked", "text": "Which diagnoses?", "most": 3}
    action = {"name": "action", "kind": "action", "text": "Use it?"}
    stages = [{"questions": ["differential"]}, {"modality": "aided", "questions": ["action"]}]
    desk = Desk(study_with(questions=[ranked, action], rounds=[{"stages": stages}]))
    step = desk.next()
    suggested = FrozenAid.objects.get(case=step.reading.case).answer
    others = [one for one in step.reading.classes if one != suggested]
    desk.start(step)
    desk.submit(step, {"differential": others})
    second = desk.next()
    desk.start(second)
    desk.submit(second, {"action": "replace"})
    last = Answer.objects.get(stage=2)
    assert last.values == {"action": "replace", "differential": [suggested, *others][:3]}
    assert last.diagnosis == suggested


def test_a_reader_begins_batch_after_batch():
    draft = draft_study(cases=6)
    design = {"questions": [DIAGNOSIS], "rounds": [{}], "cases": {"per_reader": 2, "batches": 2}}
    edit_design(study_id=draft.pk, values=design, by=None, at=NOON)
    launch_study(study_id=draft.pk, by=None, at=NOON)
    desk = Desk(draft)
    desk.read()
    desk.read()
    assert desk.next().kind == "batch"
    assert [one.awaits for one in studies_of(desk.who["person_id"], now=desk.now)] == ["batch"]
    start_batch(now=desk.now, **desk.who)
    desk.read()
    desk.read()
    assert desk.next().kind == "end"
    assert sorted(Reading.objects.values_list("session", "position")) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_batches_by_diagnosis_need_somebody_who_knows_it():
    draft = draft_study(cases=6)
    cases = {"per_reader": 2, "stratify": "diagnosis"}
    edit_design(study_id=draft.pk, values={"questions": [DIAGNOSIS], "rounds": [{}], "cases": cases}, by=None, at=NOON)
    with pytest.raises(NotReady) as refused:
        launch_study(study_id=draft.pk, by=None, at=NOON)
    assert "by diagnosis" in refused.value.details["faults"][0]
    launch_study(study_id=draft.pk, by=None, at=NOON, strata=diagnoses(draft.pk))
    assert Desk(draft, strata=diagnoses(draft.pk)).reader.batches.count() == 1


def test_arms_are_allocated_in_blocks_once_the_profile_is_known():
    arms = [{"name": "A"}, {"name": "B", "modalities": [["aided"]]}]
    profile = [{"name": "role", "text": "Role", "options": ["gp", "dermatologist"]}]
    study = study_with(arms=arms, profile=profile, allocation={"strata": ["role"], "block": 2})
    desks = [Desk(study, number=n, profile={"role": role}) for n, role in enumerate(["gp", "gp", "dermatologist"] * 2)]
    by_role = {"gp": [], "dermatologist": []}
    for desk in desks:
        by_role[desk.reader.profile["role"]].append(desk.reader.arm.name)
    assert sorted(by_role["gp"]) == ["A", "A", "B", "B"]
    assert sorted(by_role["dermatologist"]) == ["A", "B"]
    for desk in desks:
        shown = desk.next().aid is not None
        assert shown == (desk.reader.arm.name == "B")


def test_a_second_set_of_ai_output_is_what_its_arm_sees():
    modalities = [{"name": "unaided"}, AIDED, {"name": "other", "shows": ["label"], "source": "boosted"}]
    study = study_with(
        modalities=modalities, altered=[{"name": "boosted", "kind": "boosted", "share": 1.0}],
        rounds=[{"modality": "other"}], freeze=["boosted"],
    )  # fmt: skip
    step = Desk(study).next()
    assert step.aid.source == "boosted"
    assert step.aid.answer == FrozenAid.objects.get(case=step.reading.case, source="ai").ranked[-1]["label"]


def test_a_missing_set_blocks_the_launch_by_name():
    modalities = [{"name": "unaided"}, {"name": "other", "shows": ["label"], "source": "boosted"}]
    altered = [{"name": "boosted", "kind": "boosted", "share": 1.0}]
    with pytest.raises(NotReady) as refused:
        study_with(modalities=modalities, altered=altered, rounds=[{"modality": "other"}])
    assert any("“boosted”" in fault for fault in refused.value.details["faults"])


def test_ai_output_on_request_is_recorded_as_asked_for():
    modalities = [{"name": "unaided"}, {**AIDED, "timing": "on_request"}]
    desk = Desk(study_with(modalities=modalities, rounds=[{"modality": "aided"}]))
    step = desk.next()
    assert step.aid is None
    desk.start(step)
    assert not AidShown.objects.exists()
    for _twice in range(2):
        _reading, aid = reveal_aid(
            reading_id=step.reading.id, lease=step.reading.lease, arrived_at=desk.now, **desk.who
        )  # fmt: skip
    assert AidShown.objects.get().requested
    assert aid.case_id == step.reading.case_id


def test_delayed_ai_output_cannot_be_had_early():
    modalities = [{"name": "unaided"}, {**AIDED, "timing": "delayed", "delay_s": 5}]
    desk = Desk(study_with(modalities=modalities, rounds=[{"modality": "aided"}]))
    step = desk.next()
    desk.start(step)
    ask = {"reading_id": step.reading.id, "lease": step.reading.lease, **desk.who}
    with pytest.raises(Refused, match="in a moment"):
        reveal_aid(arrived_at=desk.now + seconds(4), **ask)
    reveal_aid(arrived_at=desk.now + seconds(5), **ask)
    assert not AidShown.objects.get().requested


def test_an_attention_check_is_read_and_does_not_count():
    study = study_with(practice=2, cases=3)
    edited = {**study.values, "cases": {"attention": 1}}
    other = draft_study(cases=3, practice=2, seed=9, slug="checked")
    edit_design(study_id=other.pk, values=edited, by=None, at=NOON)
    launch_study(study_id=other.pk, by=None, at=NOON)
    Desk(other)
    checks = Reading.objects.filter(reader__study=other, is_attention=True)
    assert [(one.counted, one.case_id, one.modalities) for one in checks] == [(False, None, [])]
    assert Reading.objects.filter(reader__study=other, counted=True).count() == 3


def test_the_screening_must_be_passed():
    draft = draft_study(cases=2, practice=2)
    edit_design(
        study_id=draft.pk,
        values={"questions": [DIAGNOSIS], "rounds": [{}], "cases": {"screening": 1.0}},
        by=None,
        at=NOON,
    )
    launch_study(study_id=draft.pk, by=None, at=NOON)
    desk = Desk(draft)
    Reader.objects.filter(pk=desk.reader.pk).update(practised_at=None)
    with pytest.raises(Refused, match="0 of 2 practice cases"):
        finish_practice(now=desk.now, **desk.who)


def test_the_debriefing_cannot_be_skipped():
    modalities = [{"name": "unaided"}, {"name": "aided", "shows": ["label"], "source": "wrong"}]
    study = study_with(
        cases=1, modalities=modalities, altered=[{"name": "wrong", "kind": "false"}], debriefing="Some were false.",
        rounds=[{"modality": "aided"}], freeze=["wrong"],
    )  # fmt: skip
    desk = Desk(study)
    desk.read()
    assert desk.next().kind == "debriefing"
    confirm_debriefing(now=desk.now, **desk.who)
    assert desk.next().kind == "end"


def test_a_reader_whom_the_close_stops_is_debriefed_all_the_same():
    study = study_with(cases=3, debriefing="Some were false.")
    reader, newcomer = Desk(study), Desk(study, number=2)
    reader.read()
    confirm_debriefing(now=reader.now, **reader.who)  # not yet: two cases are left
    close_study(study_id=study.pk, by=None, at=NOON)
    assert (reader.next().kind, newcomer.next().kind) == ("debriefing", "closed")
    assert [one.awaits for one in studies_of(reader.who["person_id"], now=NOON)] == ["debriefing"]
    confirm_debriefing(now=reader.now, **reader.who)
    assert reader.next().kind == "closed"
