import pytest

from readerstudy.protocol.design import (
    AIDED,
    HONEST,
    UNAIDED,
    Alteration,
    AlteredSet,
    ArmDesign,
    BadDesign,
    Design,
    Format,
    Modality,
    RoundDesign,
    Split,
    StageDesign,
)
from readerstudy.protocol.questions import Kind, Question

TWO_STAGES = RoundDesign(stages=(StageDesign(modality=UNAIDED), StageDesign(modality=AIDED, limit_s=10.0)))
ACTION = Question("action", Kind.ACTION, "What do you do with it?")


def test_a_round_may_hold_the_values_of_its_one_stage_itself():
    design = Design.from_dict({"rounds": [{"modality": "aided", "limit_s": 9}, {"washout_days": 2}]})
    assert design.rounds == (
        RoundDesign(stages=(StageDesign(modality="aided", limit_s=9.0),)),
        RoundDesign(stages=(StageDesign(),), washout_days=2.0),
    )


def test_a_round_with_stages_holds_no_values_of_a_stage():
    with pytest.raises(BadDesign, match='round 1 has an unknown key "modality"'):
        Design.from_dict({"rounds": [{"modality": "aided", "stages": [{}]}]})


def test_a_design_that_is_no_table_is_refused():
    for odd in ([], 3, None):
        with pytest.raises(BadDesign, match="must be a table"):
            Design.from_dict(odd)


def test_a_design_without_rounds_is_refused():
    with pytest.raises(BadDesign, match='lacks "rounds"|rounds = None'):
        Design.from_dict({})
    with pytest.raises(BadDesign, match="rounds = 3. Use a list."):
        Design.from_dict({"rounds": 3})
    with pytest.raises(BadDesign, match="round 1 must be a table"):
        Design.from_dict({"rounds": [3]})


def test_a_round_is_of_its_last_stages_modality_and_takes_the_time_of_all():
    assert TWO_STAGES.modality == AIDED
    assert TWO_STAGES.limit_s == 30.0


def test_a_modality_that_shows_nothing_is_unaided():
    assert not Modality("plain").aided
    assert Modality("mask", shows=(Format.MASK,)).aided


def test_the_first_batches_may_be_honest():
    modality = Modality("m", shows=(Format.LABEL,), source="false", honest_batches=2)
    assert [modality.source_in(session) for session in (1, 2, 3)] == [HONEST, HONEST, "false"]


def test_what_is_done_with_a_suggestion_is_asked_only_where_one_is_shown():
    diagnosis = Question("diagnosis", Kind.DIAGNOSIS, "Which?")
    design = Design(rounds=(TWO_STAGES,), questions=(diagnosis, ACTION))
    assert design.stage_questions(TWO_STAGES.stages[0], design.modality(UNAIDED)) == (diagnosis,)
    assert design.stage_questions(TWO_STAGES.stages[1], design.modality(AIDED)) == (diagnosis, ACTION)


def test_a_stage_asks_its_own_questions_in_its_own_order():
    design = Design(rounds=(TWO_STAGES,))
    stage = StageDesign(questions=("confidence", "diagnosis"))
    assert [one.name for one in design.stage_questions(stage, design.modality(UNAIDED))] == ["confidence", "diagnosis"]


def test_the_modalities_met_follow_rounds_arms_and_split():
    design = Design(rounds=(TWO_STAGES, RoundDesign()))
    assert [design.met(1, 1), design.met(1, 2), design.met(2, 1)] == [{UNAIDED}, {AIDED}, {UNAIDED}]
    assert design.used() == {UNAIDED, AIDED}
    arms = Design(
        rounds=(TWO_STAGES,), arms=(ArmDesign("a", modalities=(("x", "y"),)), ArmDesign("b")),
        modalities=(Modality(UNAIDED), Modality(AIDED), Modality("x"), Modality("y")),
    )  # fmt: skip
    assert [arms.met(1, 1), arms.met(1, 2)] == [{"x", UNAIDED}, {"y", AIDED}]
    first = Design(rounds=(TWO_STAGES,), split=Split(("x", "y"), stage=1))
    assert [first.met(1, 1), first.met(1, 2)] == [{"x", "y"}, {AIDED}]
    last = Design(rounds=(TWO_STAGES,), split=Split(("x", "y")))
    assert [last.met(1, 1), last.met(1, 2)] == [{UNAIDED}, {"x", "y"}]


def test_a_modality_that_every_arm_replaces_is_met_by_nobody():
    design = Design(rounds=(RoundDesign(),), arms=(ArmDesign("a", modalities=((AIDED,),)),))
    assert design.used() == {AIDED}


def test_an_arm_that_names_too_few_modalities_is_read_as_the_round_says():
    short = Design(rounds=(TWO_STAGES, TWO_STAGES), arms=(ArmDesign("a", modalities=((AIDED,),)),))
    assert [short.met(1, 1), short.met(1, 2), short.met(2, 1)] == [{AIDED}, {AIDED}, {UNAIDED}]


def test_the_sources_are_those_that_somebody_sees_or_that_are_scored_the_models_own_first():
    shows = (Format.LABEL,)
    false = AlteredSet("a false set", Alteration.FALSE)
    modalities = (Modality(UNAIDED), Modality("f", shows, "a false set"), Modality("never", shows, "other"))
    seen = Design(rounds=(RoundDesign((StageDesign(modality="f"),)),), modalities=modalities, altered=(false,))
    assert seen.sources() == [HONEST, "a false set"]
    assert Design(rounds=(RoundDesign(),)).sources() == []
    assert Design(rounds=(RoundDesign(),), competitor=True).sources() == [HONEST]


def test_parts_of_a_design_are_found_by_name():
    design = Design(rounds=(RoundDesign(),), arms=(ArmDesign("a"), ArmDesign("b")))
    assert design.arm("b") is design.arms[1]
    assert design.modality(AIDED) is design.modalities[1]
    assert design.question("confidence") is design.questions[1]
