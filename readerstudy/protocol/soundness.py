"""Whether a design can be run: by itself, and with the cases that are there. One message a fault."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from readerstudy.protocol.contradictions import cases, questions, readers, reading
from readerstudy.protocol.design import Balance, Design, Format
from readerstudy.protocol.questions import PRINCIPAL, Question


def contradictions(design: Design) -> list[str]:
    """Every fault that shows without looking at the cases."""
    return [
        *_names(design),
        *reading.rounds(design), *reading.modalities(design), *reading.altered(design), *reading.split(design),
        *readers.arms(design), *readers.allocation(design), *readers.profile(design), *readers.groups(design),
        *readers.exclusions(design), *readers.reminders(design),
        *cases.draw(design), *cases.batches(design),
        *questions.questions(design), *questions.scoring(design),
    ]  # fmt: skip


def lacking_cases(design: Design, strata: Mapping[str, int]) -> list[str]:
    """What the drawn cases cannot give. `strata`: cases of each stratum ("" for all where nothing is stratified)."""
    total = sum(strata.values())
    least, most = design.cases.per_reader, design.cases.per_reader_most or design.cases.per_reader
    if most is None:
        return list(_lacking_repeats(design, total))
    if most > total:
        return [f"A batch takes {most} cases, but the study has {total}. Add cases or make the batch smaller."]
    share = -(-most // len(strata))
    if design.cases.stratify and design.cases.balance == Balance.EQUAL and min(strata.values()) < share:
        return [
            f"A batch takes up to {share} cases of each {design.cases.stratify}, but of one there are only "
            f"{min(strata.values())}. Add cases or draw fewer."
        ]
    return list(_lacking_repeats(design, least or most))


def classes_not_offered(question: Question, classes: Sequence[str], truth_classes: Iterable[str]) -> list[str]:
    """Classes that are the truth of some case but no answer to the principal question. `classes`: of the data set."""
    if question.kind not in PRINCIPAL or question.free:
        return []
    offered = set(question.offered(classes))
    return [
        f'“{question.text}” does not offer "{name}", which is the truth of a case. Add it to the options.'
        for name in sorted(set(truth_classes) - offered)
    ]


def lacking_masks(design: Design, with_mask: Mapping[str, Iterable[bool]]) -> list[str]:
    """Modalities that show a mask where a case has none: its absence would tell something.

    with_mask: source of AI output -> for each drawn case, whether that output holds a mask.
    """
    lacking = {source: sum(not one for one in flags) for source, flags in with_mask.items()}
    return [
        f'Modality "{one.name}" shows masks, but {lacking[one.source]} cases have none. Add them, or show no masks.'
        for one in design.modalities
        if Format.MASK in one.shows and one.name in design.used() and lacking.get(one.source)
    ]


def _lacking_repeats(design: Design, size: int) -> Iterable[str]:
    """A repeat needs a first reading early enough: `repeat_gap` places before the end at the latest."""
    wanted = round(size * design.cases.repeats)
    early = max(0, size - design.cases.repeat_gap + 1 - design.cases.first_is_practice)
    if wanted > early:
        yield (
            f"{wanted} of {size} cases come again, at least {design.cases.repeat_gap} cases later, but only {early} "
            "come early enough. Lower repeats or repeat_gap."
        )


def _names(design: Design) -> Iterable[str]:
    for what, names in (
        ("questions", [one.name for one in design.questions]),
        ("modalities", [one.name for one in design.modalities]),
        ("arms", [one.name for one in design.arms]),
        ("altered sets", [one.name for one in design.altered]),
        ("further models", list(design.further_models)),
        ("profile questions", [one.name for one in design.profile]),
    ):
        for name, times in Counter(names).items():
            if times > 1:
                yield f'Two {what} are called "{name}". Give each a name of its own.'
            if not name.strip():
                yield f"One of the {what} has no name. Give it one."
