"""Contradictions in what a reader meets: rounds, stages, evidence, modalities, altered AI output, splits."""

from collections.abc import Iterable

from readerstudy.protocol.design import HONEST, Alteration, Design, Prompt, RoundDesign, StageDesign, Timing

CLINICAL_EVIDENCE = ("age", "sex", "site", "history", "skin_tone")


def rounds(design: Design) -> Iterable[str]:
    if not design.rounds:
        yield "The design has no rounds. Add at least one."
    for number, one in enumerate(design.rounds, start=1):
        if number == 1 and one.washout_days:
            yield "Round 1 has a washout, but no round comes before it. Set it to 0."
        if not one.stages:
            yield f"Round {number} has no stages. Add at least one, or give its modality and limit directly."
        yield from _stages(design, number, one)


def modalities(design: Design) -> Iterable[str]:
    known = {HONEST, *design.further_models, *(one.name for one in design.altered)}
    for one in design.modalities:
        if one.aided and one.source not in known:
            yield (
                f'Modality "{one.name}" shows the output of "{one.source}", which is neither an altered set nor a '
                f"further model. Declare it, or use one of: {_listed(known)}."
            )
        if one.timing == Timing.DELAYED and not one.delay_s:
            yield f'Modality "{one.name}" is delayed by 0 seconds. Give delay_s, or show it concurrently.'
        if one.honest_batches and one.honest_batches >= design.cases.batches:
            yield (
                f'Modality "{one.name}" shows honest output in the first {one.honest_batches} batches, but a reader '
                f"reads {design.cases.batches}: the other output would never be seen. Allow more batches."
            )


def altered(design: Design) -> Iterable[str]:
    for one in design.altered:
        if one.name == HONEST:
            yield f'An altered set cannot be called "{HONEST}": that is the model\'s own output. Choose another name.'
        if not design.reference:
            yield f'The set "{one.name}" is made from the reference standard, but the study has none. Leave it out.'
    for name in design.further_models:
        if name in {HONEST, *(one.name for one in design.altered)}:
            yield f'A further model is called "{name}", as another set of AI output is. Give it a name of its own.'
    false = {one.name for one in design.altered if one.kind == Alteration.FALSE}
    if false & set(design.sources()) and not design.debriefing.strip():
        yield "Some readers see false AI output. Write the debriefing that tells them so at the end."


def split(design: Design) -> Iterable[str]:
    if design.split is None:
        return
    known = {one.name for one in design.modalities}
    for name in design.split.modalities:
        if name not in known:
            yield f'The split names the modality "{name}", which is not known. Use one of: {_listed(known)}.'
    if len(set(design.split.modalities)) < max(2, len(design.split.modalities)):
        yield "The split needs at least two modalities, each named once."
    for number, one in enumerate(design.rounds, start=1):
        if design.split.stage > len(one.stages):
            yield f"The split changes stage {design.split.stage}, but round {number} has {len(one.stages)}."
    if design.split.block and design.cases.repeats:
        yield "Repeated cases would break the blocks of the split. Set its block to 0, or leave the repeats out."


def _stages(design: Design, number: int, one: RoundDesign) -> Iterable[str]:
    known = {modality.name for modality in design.modalities}
    asked = {question.name for question in design.questions}
    for place, stage in enumerate(one.stages, start=1):
        where = _where(one, number, place)
        if stage.modality not in known:
            yield f'{where}: modality "{stage.modality}" is not known. Use one of: {_listed(known)}.'
        for name in stage.questions:
            if name not in asked:
                yield f'{where} asks "{name}", but no question has this name. There are: {_listed(asked)}.'
        if place == 1 and (stage.prompt == Prompt.ON_DISAGREEMENT or stage.own_answer):
            yield f"{where} refers to an answer before it, but it is the first stage."
        yield from _evidence(where, stage)
    yield from _unasked(design, number, one)


def _unasked(design: Design, number: int, one: RoundDesign) -> Iterable[str]:
    """Stages that ask nothing in a modality which some reader meets there. Unknown names are faults of their own."""
    known = {modality.name: modality for modality in design.modalities}
    asked = {question.name for question in design.questions}
    for place, stage in enumerate(one.stages, start=1):
        if not asked or set(stage.questions) - asked:
            continue
        for name in sorted(design.met(number, place) & set(known)):
            if not design.stage_questions(stage, known[name]):
                yield f'{_where(one, number, place)} asks nothing where it is "{name}". Give it at least one question.'


def _where(one: RoundDesign, number: int, place: int) -> str:
    return f"Round {number}" if len(one.stages) == 1 else f"Round {number}, stage {place}"


def _evidence(where: str, stage: StageDesign) -> Iterable[str]:
    if not any(token.split(":")[0] in ("image", "images") for token in stage.evidence):
        yield f'{where} shows no image. Add "image" or "images" to its evidence.'
    for token in stage.evidence:
        head, colon, count = token.partition(":")
        numbered = head == "image" and (not colon or (count.isdecimal() and int(count) > 0))
        if not (numbered or token == "images" or token in CLINICAL_EVIDENCE):
            known = ", ".join(("image", "image:2", "images", *CLINICAL_EVIDENCE))
            yield f'{where} shows "{token}", which is no evidence. Use one of: {known}.'


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
