"""How a stage of a reading ends, and what comes after it: the next stage, or the end of the reading."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from readerstudy.models import Answer, FrozenAid, PassedStage, Reading
from readerstudy.protocol.design import Prompt
from readerstudy.protocol.questions import PRINCIPAL, BadValue, Kind, final_list
from readerstudy.protocol.state import State
from readerstudy.services.errors import Refused
from readerstudy.services.plan import stage_times


def end_stage(reading: Reading, state: State, *, at: datetime, key: UUID | None = None) -> None:
    """Close a locked reading's open stage, and open the next one where the design has it."""
    reading.submit_key = key or reading.submit_key
    if not _has_another(reading):
        reading.state, reading.closed_at = state, at
        reading.save(update_fields=["state", "closed_at", "submit_key"])
        return
    PassedStage.objects.create(
        reading=reading, stage=reading.stage, state=state, started_at=reading.started_at, shown_at=reading.shown_at,
        closed_at=at,
    )  # fmt: skip
    reading.stage += 1
    reading.state, reading.started_at, reading.shown_at, reading.lease = State.ISSUED, None, None, None
    times = stage_times(reading.design, reading.stage_design, _multiplier(reading))
    reading.limit_ms, reading.limit_is_hard = times["limit_ms"], times["limit_is_hard"]
    reading.save(
        update_fields=["stage", "state", "started_at", "shown_at", "lease", "submit_key", "limit_ms", "limit_is_hard"]
    )


def aid_of(reading: Reading) -> FrozenAid | None:
    """The AI output that belongs to the open stage; None where the stage shows none."""
    modality = reading.shown_modality
    if modality is None:
        return None
    return FrozenAid.objects.select_related("mask").get(
        case_id=reading.case_id, source=modality.source_in(reading.session)
    )


def checked_values(reading: Reading, values: Mapping[str, Any], classes: list[str]) -> dict[str, Any]:
    """The values of an answer, each checked against its question, and the final list of an action. Raises Refused."""
    questions = reading.questions
    unknown = set(values) - {one.name for one in questions}
    if unknown:
        raise Refused(f"This stage does not ask “{sorted(unknown)[0]}”. Reload the page to go on.")
    try:
        checked = {one.name: one.checked(values.get(one.name), classes=classes) for one in questions}
    except BadValue as bad:
        raise Refused(str(bad)) from bad
    given = {name: value for name, value in checked.items() if value is not None}
    return {**given, **_after_action(reading, given)}


def draft_values(reading: Reading, values: Mapping[str, Any], classes: list[str]) -> dict[str, Any]:
    """What of an unfinished answer is sound: it is kept apart, and never counts."""
    kept = {}
    for one in reading.questions:
        try:
            value = one.checked(values.get(one.name), classes=classes)
        except BadValue:
            continue
        if value is not None:
            kept[one.name] = value
    return kept


def _after_action(reading: Reading, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """The differential that an action on the AI's suggestion leaves, where the stage does not ask for it itself."""
    action = next((given[one.name] for one in reading.questions if one.kind == Kind.ACTION and one.name in given), None)
    principal = next((one for one in reading.design.questions if one.kind in PRINCIPAL), None)
    aid = aid_of(reading) if action else None
    if aid is None or principal is None or principal.name in given:
        return {}
    before = Answer.objects.filter(reading_id=reading.pk, stage__lt=reading.stage).order_by("-stage").first()
    held = before.values.get(principal.name, []) if before else []
    own = held if isinstance(held, list) else [held]
    return {principal.name: final_list(action, own=own, suggested=aid.answer, most=max(principal.most, len(own)))}


def _has_another(reading: Reading) -> bool:
    if reading.practice_case_id is not None or reading.stage >= len(reading.modalities):
        return False
    following = reading.design.rounds[reading.round_number - 1].stages[reading.stage]
    return following.prompt == Prompt.ALWAYS or _disagrees(reading)


def _disagrees(reading: Reading) -> bool:
    """The last answer differs from what the AI will suggest; no answer differs from anything."""
    answer = Answer.objects.filter(reading_id=reading.pk).order_by("-stage").first()
    modality = reading.design.modality(reading.modalities[reading.stage])
    if not modality.aided:
        return True
    aid = FrozenAid.objects.get(case_id=reading.case_id, source=modality.source_in(reading.session))
    return answer is None or answer.diagnosis != aid.answer


def _multiplier(reading: Reading) -> float:
    return getattr(reading, "time_multiplier", None) or reading.reader.time_multiplier
