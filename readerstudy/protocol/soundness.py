"""What contradicts itself in a design, and what the cases that are there cannot give it. One message a fault."""

from collections import Counter
from collections.abc import Iterable, Mapping

from readerstudy.protocol.design import HONEST, Alteration, Design, Drawing, Format, Prompt, RoundDesign, StageDesign
from readerstudy.protocol.questions import CLASSES, NEEDS_OPTIONS, PRINCIPAL, Kind, Question

EXCLUSION_RULES = ("valid_share", "readings", "attention", "recognised")
GRADES = ("optimal", "appropriate", "inappropriate", "dangerous")
CLINICAL_EVIDENCE = ("age", "sex", "site", "history", "skin_tone")


def contradictions(design: Design) -> list[str]:
    """Every fault that shows without looking at the cases."""
    return [
        *_names(design), *_rounds(design), *_questions(design), *_modalities(design), *_arms(design),
        *_split(design), *_cases(design), *_readers(design), *_results(design),
    ]  # fmt: skip


def lacking_cases(design: Design, strata: Mapping[str, int]) -> list[str]:
    """What the drawn cases cannot give. `strata`: cases of each stratum ("" for all where nothing is stratified)."""
    total, wanted = sum(strata.values()), design.cases.per_reader_most or design.cases.per_reader
    if wanted is None:
        return []
    if wanted > total:
        return [f"A batch takes {wanted} cases, but the study has {total}. Add cases or make the batch smaller."]
    if not design.cases.stratify or design.cases.balance == "proportional":
        return []
    share = -(-wanted // max(1, len(strata)))
    return [
        f'A batch takes {share} cases of each {design.cases.stratify}, but one has only {count}. Add cases or draw less.'
        for _name, count in sorted(strata.items())
        if count < wanted // len(strata)
    ][:1]  # fmt: skip


def _names(design: Design) -> Iterable[str]:
    for what, names in (
        ("questions", [one.name for one in design.questions]),
        ("modalities", [one.name for one in design.modalities]),
        ("arms", [one.name for one in design.arms]),
        ("altered sets", [one.name for one in design.altered]),
    ):
        for name, times in Counter(names).items():
            if times > 1:
                yield f'Two {what} are called "{name}". Give each a name of its own.'
            if not name.strip():
                yield f"One of the {what} has no name. Give it one."


def _rounds(design: Design) -> Iterable[str]:
    if not design.rounds:
        yield "The design has no rounds. Add at least one."
    for number, one in enumerate(design.rounds, start=1):
        if number == 1 and one.washout_days:
            yield "Round 1 has a washout, but no round comes before it. Set it to 0."
        if not one.stages:
            yield f"Round {number} has no stages. Add at least one, or give its modality and limit directly."
        yield from _stages(design, number, one)


def _stages(design: Design, number: int, one: RoundDesign) -> Iterable[str]:
    known = {modality.name for modality in design.modalities}
    asked = {question.name for question in design.questions}
    for place, stage in enumerate(one.stages, start=1):
        where = f"Round {number}" if len(one.stages) == 1 else f"Round {number}, stage {place}"
        if stage.modality not in known:
            yield f'{where}: modality "{stage.modality}" is not known. Use one of: {", ".join(sorted(known))}.'
        for name in stage.questions:
            if name not in asked:
                yield f'{where} asks "{name}", but no question has this name. There are: {", ".join(sorted(asked))}.'
        if stage.modality in known and not set(stage.questions) - asked:
            if not design.stage_questions(stage, design.modality(stage.modality)):
                yield f"{where} asks nothing. Give it at least one question."
        if place == 1 and (stage.prompt == Prompt.ON_DISAGREEMENT or stage.own_answer):
            yield f"{where} refers to an answer before it, but it is the first stage."
        yield from _evidence(where, stage)


def _evidence(where: str, stage: StageDesign) -> Iterable[str]:
    if not any(token.split(":")[0] in ("image", "images") for token in stage.evidence):
        yield f'{where} shows no image. Add "image" or "images" to its evidence.'
    for token in stage.evidence:
        head, _colon, count = token.partition(":")
        numbered = head == "image" and (not _colon or (count.isdigit() and int(count) > 0))
        if not (numbered or token == "images" or token in CLINICAL_EVIDENCE):
            known = ", ".join(("image", "image:2", "images", *CLINICAL_EVIDENCE))
            yield f'{where} shows "{token}", which is no evidence. Use one of: {known}.'


def _questions(design: Design) -> Iterable[str]:
    if not design.questions:
        yield "The design asks nothing. Add at least one question."
    for one in design.questions:
        yield from _question(one)
    principal = [one.name for one in design.questions if one.kind in PRINCIPAL]
    if design.reference and not principal:
        yield "No question asks for a diagnosis. Add one, or say that the study has no reference standard."
    for one in design.rounds:
        for stage in one.stages:
            if len([name for name in stage.questions or principal if name in principal]) > 1:
                yield f"A stage asks for two principal diagnoses ({', '.join(principal)}). Make one of them a choice."


def _question(one: Question) -> Iterable[str]:
    if not one.text.strip():
        yield f'The question "{one.name}" has no text. Write what the reader is asked.'
    if one.kind == Kind.SCALE and one.low >= one.high:
        yield f'The scale of "{one.name}" goes from {one.low} to {one.high}. Let it end above its beginning.'
    if one.kind in NEEDS_OPTIONS:
        if one.options != (CLASSES,) and CLASSES not in one.options and len(set(one.options)) < 2:
            yield f'The question "{one.name}" offers fewer than two options. Add options.'
        if len(set(one.options)) < len(one.options):
            yield f'The question "{one.name}" offers an option twice. Name each once.'


def _modalities(design: Design) -> Iterable[str]:
    sets = {one.name for one in design.altered} | {HONEST}
    for one in design.modalities:
        if one.aided and one.source not in sets and one.source in {"false", "boosted"}:
            yield f'Modality "{one.name}" shows the output of "{one.source}", but no altered set has this name.'
        if one.timing == "delayed" and not one.delay_s:
            yield f'Modality "{one.name}" is delayed by 0 seconds. Give delay_s, or show it concurrently.'
        if one.honest_batches >= design.cases.batches and one.honest_batches:
            yield (
                f'Modality "{one.name}" shows honest output in the first {one.honest_batches} batches, but a reader '
                f"reads {design.cases.batches}: the other output would never be seen. Allow more batches."
            )
    for one in design.altered:
        if one.name == HONEST:
            yield f'An altered set cannot be called "{HONEST}": that is the model\'s own output. Choose another name.'
        if not design.reference:
            yield f'The set "{one.name}" is made from the reference standard, but the study has none.'
    false = {one.name for one in design.altered if one.kind == Alteration.FALSE}
    if any(one.source in false for one in design.modalities if one.aided) and not design.debriefing.strip():
        yield "Some readers see false AI output. Write the debriefing that tells them so at the end."


def _arms(design: Design) -> Iterable[str]:
    if not design.arms:
        yield "The design has no arms. Leave them out, or add at least one."
    known = {modality.name for modality in design.modalities}
    for arm in design.arms:
        if not arm.modalities:
            continue
        if len(arm.modalities) != len(design.rounds):
            yield f'Arm "{arm.name}" names modalities for {len(arm.modalities)} rounds; there are {len(design.rounds)}.'
            continue
        for number, (names, one) in enumerate(zip(arm.modalities, design.rounds, strict=True), start=1):
            if len(names) != len(one.stages):
                yield f'Arm "{arm.name}" names {len(names)} modalities for the {len(one.stages)} stages of round {number}.'
            for name in set(names) - known:
                yield f'Arm "{arm.name}": modality "{name}" is not known. Use one of: {", ".join(sorted(known))}.'
    block, weights = design.allocation.block, sum(arm.weight for arm in design.arms)
    if block and block % max(1, weights):
        yield f"Blocks of {block} readers cannot hold the arms in their proportions. Use a multiple of {weights}."
    variables = {"years", *(one.name for one in design.profile)}
    for name in design.allocation.strata:
        if name not in variables:
            yield f'Readers are allocated by "{name}", which the profile does not ask. Add it to the profile.'


def _split(design: Design) -> Iterable[str]:
    if design.split is None:
        return
    known = {modality.name for modality in design.modalities}
    for name in design.split.modalities:
        if name not in known:
            yield f'The split names the modality "{name}", which is not known. Use one of: {", ".join(sorted(known))}.'
    if len(set(design.split.modalities)) < 2:
        yield "The split needs at least two different modalities."
    for number, one in enumerate(design.rounds, start=1):
        if design.split.stage > len(one.stages):
            yield f"The split changes stage {design.split.stage}, but round {number} has {len(one.stages)}."


def _cases(design: Design) -> Iterable[str]:
    cases = design.cases
    for dataset, count in cases.draw.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            yield f"The draw takes {count!r} cases of {dataset}. Use a whole number of at least 1, or leave the data set out."
    if cases.per_reader is None:
        for name, set_to in (
            ("per_reader_most", cases.per_reader_most is not None), ("batches", cases.batches > 1),
            ("drawing", cases.drawing != Drawing.RANDOM), ("stratify", bool(cases.stratify)),
        ):  # fmt: skip
            if set_to:
                yield f"The cases have {name}, but every reader reads all of them. Give per_reader, the size of a batch."
    elif cases.per_reader_most is not None and cases.per_reader_most < cases.per_reader:
        yield f"A reader reads {cases.per_reader} to {cases.per_reader_most} cases. Let the second number be the larger."
    drawn = sum(count for count in cases.draw.values() if isinstance(count, int))
    if cases.draw and cases.per_reader and drawn and max(cases.per_reader, cases.per_reader_most or 0) > drawn:
        yield f"A batch takes {max(cases.per_reader, cases.per_reader_most or 0)} cases, but only {drawn} are drawn."
    if cases.batches > 1 and len(design.rounds) > 1:
        yield "Batches can be repeated only where there is one round."


def _readers(design: Design) -> Iterable[str]:
    for one in design.profile:
        if len(set(one.options)) < 2:
            yield f'The profile question "{one.name}" offers fewer than two options.'
        if one.name == "years":
            yield 'The profile asks for "years" by itself. Give the question another name.'
    variables = {"years", *(one.name for one in design.profile)}
    if design.groups.variable not in variables:
        yield f'Results group readers by "{design.groups.variable}", which the profile does not ask.'
    if list(design.groups.cuts) != sorted(set(design.groups.cuts)):
        yield f"The groups of years begin at {list(design.groups.cuts)}. Name each bound once, in rising order."
    for one in design.exclusions:
        if one.rule not in EXCLUSION_RULES:
            yield f'The exclusion rule "{one.rule}" is not known. Use one of: {", ".join(EXCLUSION_RULES)}.'


def _results(design: Design) -> Iterable[str]:
    managements = {option for one in design.questions if one.kind == Kind.MANAGEMENT for option in one.options}
    for diagnosis, row in design.rubric.items():
        if not isinstance(row, Mapping):
            yield f'The rubric of "{diagnosis}" must be a table of managements and grades.'
            continue
        for action, grade in row.items():
            if action not in managements:
                yield (
                    f'The rubric grades the action "{action}" of "{diagnosis}", which no management question offers. '
                    f"Use one of: {', '.join(sorted(managements)) or 'none, add a management question'}."
                )
            if grade not in GRADES:
                yield f'The rubric gives "{diagnosis}", "{action}" the grade "{grade}". Use one of: {", ".join(GRADES)}.'
    for action in set(design.active) - managements:
        yield f'The active management "{action}" is not offered by any management question.'
    masks = [one.name for one in design.modalities if Format.MASK in one.shows]
    if masks and not any(name in design.used() for name in masks):
        yield f'Modality "{masks[0]}" shows masks, but nobody reads in it.'
