"""Amendments of a live study: few things may change, each as a new protocol version with its reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from readerstudy.models import ProtocolVersion, Reading, Study
from readerstudy.protocol.design import BadDesign, Design
from readerstudy.protocol.state import State
from readerstudy.services.consent import keep_consent_version
from readerstudy.services.errors import Refused, StudyFrozen
from readerstudy.services.launch import freeze_protocol
from readerstudy.services.permission import Permission, require
from readerstudy.services.plan import stage_times
from readerstudy.services.signature import hash_of
from webapp.accounts.models import Person
from webapp.audit.services import record

OF_THE_STUDY = ("title", "consent_text", "registration")
OF_THE_DESIGN = ("reminders", "planned_readers")
LIMITS = "limits"  # {round number: [seconds, one a stage]}
MAY_CHANGE = (*OF_THE_STUDY, *OF_THE_DESIGN, LIMITS)


def amend_study(
    *, study_id: object, changes: Mapping[str, Any], reason: str, by: Person, at: datetime
) -> ProtocolVersion:
    """Change a live study's protocol by plain values. Raises NotAllowed, StudyFrozen, BadDesign, Refused.

    changes: "title", "consent_text" (asked again of everybody), "registration", "reminders", "planned_readers", and
    "limits" of rounds that nobody has begun.
    """
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",)).get(pk=study_id)
        require(by, study, Permission.CONDUCT)
        _require_may_change(study, changes, reason)
        keep_consent_version(study, at=study.launched_at)
        for name in OF_THE_STUDY:
            if name in changes:
                setattr(study, name, changes[name])
        study.values = _amended(study, changes).as_dict(whole=True)
        study.save(update_fields=[*OF_THE_STUDY, "values"])
        keep_consent_version(study, at=at)
        for number in changes.get(LIMITS, {}):
            _set_limits(study, int(number))
        protocol = freeze_protocol(study, at=at, reason=reason.strip())
        record("study.amended", chain=f"study:{study.id}", at=at, about=study.id, by=str(by.pk),
               data={"changed": sorted(changes), "changes_sha256": hash_of(dict(changes)), "reason": reason.strip(),
                     "version": protocol.number, "protocol_sha256": protocol.sha256})  # fmt: skip
    return protocol


def _require_may_change(study: Study, changes: Mapping[str, Any], reason: str) -> None:
    if study.state != Study.State.LIVE:
        raise StudyFrozen(
            _("“%(title)s” is %(state)s. Only a live study is amended; a draft is edited.")
            % {"title": study.title, "state": study.get_state_display().lower()}
        )
    for key in changes:
        if key not in MAY_CHANGE:
            raise StudyFrozen(
                _("“%(key)s” was frozen at launch. An amendment may change %(may)s.")
                % {"key": key, "may": ", ".join(MAY_CHANGE)},
                key=key,
            )
    if not changes:
        raise Refused(_("The amendment changes nothing."))
    if not reason.strip():
        raise Refused(_("An amendment needs a reason. It stands in the protocol."))
    for number in changes.get(LIMITS, {}):
        if _begun(study, int(number)):
            raise StudyFrozen(
                _("Somebody has begun round %(n)s. Its time limit is frozen.") % {"n": number}, key=f"{LIMITS}.{number}"
            )


def _begun(study: Study, number: int) -> bool:
    untouched = {"state": State.PLANNED, "technical_failures": 0}
    of_round = Reading.objects.filter(reader__study=study, reader__kind="reader", round__number=number)
    return of_round.filter(is_practice=False).exclude(**untouched).exists()


def _amended(study: Study, changes: Mapping[str, Any]) -> Design:
    values = study.design.as_dict() | {name: changes[name] for name in OF_THE_DESIGN if name in changes}
    for number, seconds in changes.get(LIMITS, {}).items():
        if not 1 <= int(number) <= len(values["rounds"]):
            raise BadDesign([_("There is no round %(n)s.") % {"n": number}])
        stages = values["rounds"][int(number) - 1]["stages"]
        if len(seconds) != len(stages):
            raise BadDesign(
                [_("Round %(n)s has %(stages)d stages. Give a limit for each.") % {"n": number, "stages": len(stages)}]
            )
        for stage, limit in zip(stages, seconds, strict=True):
            stage["limit_s"] = limit
    return Design.from_dict(values)


def _set_limits(study: Study, number: int) -> None:
    """Carry a round's new limits to its row and to the readings that are planned."""
    design = study.design
    one = study.rounds.get(number=number)
    one.limit_ms = round(design.rounds[number - 1].limit_s * 1000)
    one.save(update_fields=["limit_ms"])
    first = design.rounds[number - 1].stages[0]
    for reader in study.readers.filter(kind="reader"):
        planned = reader.readings.filter(round=one, is_practice=False, state=State.PLANNED)
        planned.update(**stage_times(design, first, reader.time_multiplier))
