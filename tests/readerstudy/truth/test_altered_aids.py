"""False and boosted AI output: wrong as often as asked, in every part, and like honest output to look at."""

from dataclasses import replace
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.protocol.design import FalseRule
from readerstudy.truth.altered_aids import Aid, CannotAlter, boosted, falsified

CLASSES = ("basal cell carcinoma", "melanoma", "nevus", "seborrheic keratosis")
MALIGNANT = ("basal cell carcinoma", "melanoma")


def honest(cases: int = 40, *, right: float = 0.75, seed: int = 1, parts: bool = True) -> tuple[list[Aid], dict]:
    """A set that is right on about a share of the cases, and the truth."""
    rng = Random(seed)
    aids, truth = [], {}
    for number in range(cases):
        case = UUID(int=number + 1)
        truth[case] = CLASSES[number % len(CLASSES)]
        wrong = [one for one in CLASSES if one != truth[case]]
        label = truth[case] if rng.random() < right else rng.choice(wrong)
        shares = sorted((rng.random() + 0.05 for _ in CLASSES), reverse=True)
        rest = rng.sample([one for one in CLASSES if one != label], len(CLASSES) - 1)
        ranked = tuple(zip((label, *rest), (share / sum(shares) for share in shares), strict=True))
        extra = {
            "description": f"{label} as seen in case {number}",
            "similar": ({"image": f"image-{label}-{number}", "label": label},),
            "malignancy": sum(share for name, share in ranked if name in MALIGNANT),
            "crowd": {name: round(100 * share) for name, share in ranked},
        }
        aids.append(Aid(case, "tumours", ranked, **(extra if parts else {})))
    return aids, truth


def correct(aids, truth) -> int:
    return sum(aid.label == truth[aid.case_id] for aid in aids)


def make_false(aids, truth, *, rule=FalseRule.PLAUSIBLE, share=0.25, seed=3):
    return falsified(aids, truth, rule=rule, share=share, seed=seed, source="faulty", malignant=MALIGNANT)


def by_case(aids):
    return {aid.case_id: aid for aid in aids}


@pytest.mark.parametrize("rule", FalseRule)
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_ai_is_wrong_on_exactly_the_chosen_share(rule, share):
    aids, truth = honest()
    made = make_false(aids, truth, rule=rule, share=share)
    assert len(made.altered) == round(share * len(aids))
    after, before = by_case(made.aids), by_case(aids)
    assert all(after[case].label != truth[case] for case in made.altered)
    assert all(after[case].ranked == before[case].ranked for case in before.keys() - made.altered)


def test_the_plausible_rule_gives_the_wrong_class_that_the_model_finds_most_likely():
    aids, truth = honest()
    made = make_false(aids, truth, share=1.0)
    for aid in aids:
        wanted = next(label for label, _share in aid.ranked if label != truth[aid.case_id])
        assert by_case(made.aids)[aid.case_id].label == wanted


def test_the_flip_goes_from_benign_to_malignant_and_back():
    aids, truth = honest()
    made = by_case(make_false(aids, truth, rule=FalseRule.FLIPPED, share=1.0).aids)
    assert all((made[case].label in MALIGNANT) != (truth[case] in MALIGNANT) for case in truth)


def test_a_false_output_is_false_in_all_its_parts_and_keeps_its_mask():
    aids, truth = honest()
    aids = [replace(aid, mask_id=UUID(int=1000 + aid.case_id.int)) for aid in aids]
    made = make_false(aids, truth)
    assert made.dropped == ()
    for case in made.altered:
        aid = by_case(made.aids)[case]
        assert aid.description.startswith(aid.label)
        assert [one["label"] for one in aid.similar] == [aid.label]
        assert aid.crowd[aid.label] == max(aid.crowd.values())
        assert aid.mask_id == UUID(int=1000 + case.int)
        assert aid.malignancy is not None


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), rule=st.sampled_from(list(FalseRule)))
def test_probabilities_are_the_case_s_own_in_another_order_and_best_first(seed, rule):
    aids, truth = honest(24, seed=seed)
    made = by_case(make_false(aids, truth, rule=rule, share=0.5, seed=seed).aids)
    for aid in aids:
        shares = [share for _label, share in made[aid.case_id].ranked]
        assert shares == sorted(shares, reverse=True)
        assert sorted(shares) == sorted(share for _label, share in aid.ranked)
        assert {label for label, _share in made[aid.case_id].ranked} == set(CLASSES)


def test_a_set_in_which_one_case_finds_no_lender_shows_the_part_for_no_case():
    aids, truth = honest(8, right=1.0)
    alone = [replace(aid, dataset=f"set {number}") for number, aid in enumerate(aids)]
    made = make_false(alone, truth, share=0.5)
    assert made.dropped == ("description", "similar")
    assert not any(aid.description or aid.similar for aid in made.aids)


def test_a_case_never_lends_an_image_of_itself():
    aids, truth = honest(40, right=1.0)
    first = min(aids, key=lambda aid: aid.case_id)
    everywhere = ({"case": str(first.case_id), "label": "x"},)
    mixed = [replace(aid, similar=everywhere) if aid.case_id != first.case_id else aid for aid in aids]
    made = make_false(mixed, truth, share=1.0)
    assert by_case(made.aids)[first.case_id].similar == ()


def test_the_same_seed_gives_the_same_set_and_another_gives_another():
    aids, truth = honest()
    assert make_false(aids, truth, seed=5) == make_false(list(reversed(aids)), truth, seed=5)
    assert make_false(aids, truth, seed=5).altered != make_false(aids, truth, seed=6).altered


@pytest.mark.parametrize("target", [0.8, 0.9, 1.0])
def test_a_boosted_set_is_right_on_the_stated_share_and_touches_only_wrong_outputs(target):
    aids, truth = honest(200, right=0.5)
    made = boosted(aids, truth, target=target, seed=3, source="boosted", malignant=MALIGNANT)
    assert correct(made.aids, truth) == round(target * len(aids))
    before = by_case(aids)
    assert all(before[case].label != truth[case] for case in made.altered)
    assert all(by_case(made.aids)[case].label == truth[case] for case in made.altered)


def test_a_set_that_is_right_more_often_already_cannot_be_boosted():
    aids, truth = honest(40, right=1.0)
    with pytest.raises(CannotAlter, match="right on 1.000 of the cases already"):
        boosted(aids, truth, target=0.5, seed=1, source="boosted")


def test_what_cannot_be_made_false_is_named():
    case = UUID(int=1)
    with pytest.raises(CannotAlter, match="names no diagnosis but nevus"):
        make_false([Aid(case, "tumours", (("nevus", 1.0),))], {case: "nevus"}, share=1.0)
    benign = (("nevus", 0.6), ("seborrheic keratosis", 0.4))
    with pytest.raises(CannotAlter, match="has no malignant class"):
        make_false([Aid(case, "tumours", benign)], {case: "nevus"}, rule=FalseRule.FLIPPED, share=1.0)
    with pytest.raises(CannotAlter, match="no probability of nevus"):
        boosted([Aid(case, "tumours", (("melanoma", 1.0),))], {case: "nevus"}, target=1.0, seed=1, source="boosted")
