"""Contradictions in who reads: arms, allocation, profile, groups, exclusions, reminders."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from readerstudy.protocol.design import ArmDesign, Design
from readerstudy.protocol.eligibility import RULES, SHARES

YEARS = "years"


def arms(design: Design) -> Iterable[str]:
    if not design.arms:
        yield "The design has no arms. Leave them out, or add at least one."
    for arm in design.arms:
        if arm.modalities:
            yield from _arm(design, arm)


def allocation(design: Design) -> Iterable[str]:
    block, weights = design.allocation.block, sum(arm.weight for arm in design.arms)
    if block and weights and block % weights:
        yield f"Blocks of {block} readers cannot hold the arms in their proportions. Use a multiple of {weights}."
    for name in design.allocation.strata:
        if name not in _variables(design):
            yield f'Readers are allocated by "{name}", which the profile does not ask. Add it to the profile.'


def profile(design: Design) -> Iterable[str]:
    for one in design.profile:
        if len(set(one.options)) < 2 or len(set(one.options)) < len(one.options):
            yield f'The profile question "{one.name}" needs at least two options, each named once.'
        if one.name == YEARS:
            yield 'The profile asks for "years" by itself. Give the question another name.'


def groups(design: Design) -> Iterable[str]:
    if design.groups.variable not in _variables(design):
        yield f'Results group readers by "{design.groups.variable}", which the profile does not ask.'
    if list(design.groups.cuts) != sorted(set(design.groups.cuts)):
        yield f"The groups of years begin at {list(design.groups.cuts)}. Name each bound once, in rising order."


def exclusions(design: Design) -> Iterable[str]:
    for one in design.exclusions:
        if one.rule not in RULES:
            yield f'The exclusion rule "{one.rule}" is not known. Use one of: {", ".join(RULES)}.'
        elif not 0 <= one.value <= (1 if one.rule in SHARES else float("inf")):
            span = "a share from 0 to 1" if one.rule in SHARES else "a number of at least 0"
            yield f'The exclusion rule "{one.rule}" has the value {one.value:g}. Use {span}.'
        if one.rule == "attention" and not design.cases.attention:
            yield "Readers are excluded by attention checks, but none are planned. Set attention among the cases."


def reminders(design: Design) -> Iterable[str]:
    days = list(design.reminders.after_days)
    if days != sorted(set(days)) or any(day <= 0 for day in days):
        yield f"Reminders are sent after {days} days. Name each number once, above 0, in rising order."
    if not _is_timezone(design.reminders.timezone):
        yield f'The time zone "{design.reminders.timezone}" is not known. Use a name such as UTC or Europe/Vienna.'


def _arm(design: Design, arm: ArmDesign) -> Iterable[str]:
    if len(arm.modalities) != len(design.rounds):
        yield f'Arm "{arm.name}" names modalities for {len(arm.modalities)} rounds; there are {len(design.rounds)}.'
        return
    known = {modality.name for modality in design.modalities}
    for number, (names, one) in enumerate(zip(arm.modalities, design.rounds, strict=True), start=1):
        if len(names) != len(one.stages):
            yield f'Arm "{arm.name}" names {len(names)} modalities for the {len(one.stages)} stages of round {number}.'
        for name in sorted(set(names) - known):
            yield f'Arm "{arm.name}": modality "{name}" is not known. Use one of: {", ".join(sorted(known))}.'


def _is_timezone(name: str) -> bool:
    try:
        return name == "UTC" or bool(ZoneInfo(name))
    except (ValueError, OSError, LookupError):  # no such name, a path that leads out, a folder
        return False


def _variables(design: Design) -> set[str]:
    return {YEARS, *(one.name for one in design.profile)}
