"""Import AI output that was made elsewhere: every fault is named by line, and nothing stays where there is one."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from readerstudy.exchange.aid_table import AidRow, KnownCase, read_aids
from readerstudy.models import Study
from readerstudy.protocol.design import HONEST
from readerstudy.services.aid import SimulatedAid, freeze_given, freeze_set
from readerstudy.table.reading import BadRow, BadRows
from webapp.accounts.models import Person
from webapp.imagery.services import ingest
from webapp.inference.models import ModelVersion


def import_aids(
    study: Study, file: Path, *, source: str, model: ModelVersion | None, by: Person | None, at: datetime
) -> int:
    """Freeze the output of every case of a draft. Returns how many. Raises BadRows, StudyFrozen, Refused, BadImage.

    model: None calls the output simulated, wherever it is shown.
    """
    rows = read_aids(file, _known(study))
    _require_apart(study, rows)
    aids = [SimulatedAid(one.case, one.ranked, one.description, content=_content(one)) for one in rows]
    if source == HONEST:
        return freeze_given(study_id=study.pk, aids=aids, model=model, by=by, at=at)
    return freeze_set(study_id=study.pk, source=source, aids=aids, by=by, at=at)


def _known(study: Study) -> list[KnownCase]:
    cases = study.cases.select_related("image", "dataset")
    return [KnownCase(one.id, one.image.source_sha256, one.dataset.classes) for one in cases]


def _require_apart(study: Study, rows: Sequence[AidRow]) -> None:
    """A like case stands with its verified diagnosis: one that is read would give its own away."""
    read = set(study.cases.values_list("image__source_sha256", flat=True))
    found = {path for one in rows for path, _label in one.alike if _sha256(path) in read}
    if found:
        names = ", ".join(sorted(path.name for path in found)[:5])
        raise BadRows([BadRow(0, f"{names} is a case of the study and stands as a like case. Choose other pictures.")])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _content(one: AidRow) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "malignancy": one.malignancy,
        "crowd": dict(one.votes) or None,
        "similar": [{"image": str(ingest(path.read_bytes()).id), "label": label} for path, label in one.alike] or None,
    }
    return {name: value for name, value in parts.items() if value is not None}
