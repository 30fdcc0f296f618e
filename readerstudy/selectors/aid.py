"""How far the AI output of a study is."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from readerstudy.models import FrozenAid, Study
from readerstudy.protocol.design import HONEST
from webapp.inference import services as inference
from webapp.inference.models import ModelVersion


@dataclass(frozen=True, slots=True)
class AidStanding:
    """One study's AI output: asked for, made, frozen."""

    needed: bool
    cases: int
    model: ModelVersion | None
    done: int
    failed: int
    message: str
    frozen: int
    frozen_at: datetime | None
    simulated: bool

    @property
    def waiting(self) -> int:
        return self.cases - self.done - self.failed

    @property
    def ready_to_freeze(self) -> bool:
        return self.model is not None and self.cases > 0 and self.done == self.cases and not self.frozen


def aid_standing(study: Study) -> AidStanding:
    """Read from the predictions that are there and the work that waits."""
    pairs = list(study.cases.values_list("image_id", "dataset__name"))
    aids = FrozenAid.objects.filter(case__study=study, source=HONEST)
    frozen = aids.aggregate(n=Count("pk"), at=Min("frozen_at"))
    if study.aid_model is None:
        done, failed, message = 0, 0, ""
    else:
        done, _total, failed, message = inference.progress(study.aid_model, pairs)
    return AidStanding(
        needed=bool(study.design.sources()),
        cases=len(pairs),
        model=study.aid_model,
        done=done,
        failed=failed,
        message=message,
        frozen=frozen["n"],
        frozen_at=frozen["at"],
        simulated=aids.filter(origin=FrozenAid.Origin.SIMULATED).exists(),
    )


@dataclass(frozen=True, slots=True)
class SetLine:
    """One set of AI output that the design needs, and for how many cases it is frozen."""

    name: str
    kind: str  # "honest", "false", "boosted" or "further"
    frozen: int
    cases: int

    @property
    def made(self) -> bool:
        return self.cases > 0 and self.frozen == self.cases


def sets_needed(study: Study) -> list[SetLine]:
    """Every set of AI output that some reader sees or that is scored."""
    kinds = {HONEST: "honest", **{one.name: str(one.kind) for one in study.design.altered}}
    aids = FrozenAid.objects.filter(case__study=study).values("source").annotate(n=Count("pk"))
    frozen = {row["source"]: row["n"] for row in aids}
    cases = study.cases.count()
    return [
        SetLine(name=name, kind=kinds.get(name, "further"), frozen=frozen.get(name, 0), cases=cases)
        for name in study.design.sources()
    ]


def models_to_choose() -> list[ModelVersion]:
    """Every model that is not retired, the promoted one first."""
    models = ModelVersion.objects.exclude(state=ModelVersion.State.RETIRED)
    return sorted(models, key=lambda model: model.state != ModelVersion.State.PROMOTED)
