"""Truth: what administrators may know of it, and the pages of those who manage it.

The one module of this room that may import the truth. Before the end others are told only how often each diagnosis
stands, never for which case.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from readerstudy.administration.page import render_study, study_page
from readerstudy.models import Case, FrozenAid, Study
from readerstudy.protocol.design import Alteration, AlteredSet
from readerstudy.selectors.aid_sets import frozen_sources, own_aids
from readerstudy.services.aid import SimulatedAid, freeze_set
from readerstudy.services.errors import Refused
from readerstudy.services.launch import strata_are_needed
from readerstudy.services.lock import refuse_locked
from readerstudy.services.truth_log import note_truth_changed, note_truth_seen
from readerstudy.truth import adjudication
from readerstudy.truth import services as truths
from readerstudy.truth.altered_aids import Aid, AlteredAids, CannotAlter, boosted, falsified
from readerstudy.truth.altered_sets import record_altered
from readerstudy.truth.services import NoReason, Reference, diagnoses
from readerstudy.truth.sources import BadSource, Source
from webapp.accounts.models import Person

SHOWN_AT_MOST = 200
KINDS = {Alteration.FALSE: "false", Alteration.BOOSTED: "boosted"}


def diagnosis_counts(study: Study) -> Mapping[str, int]:
    """Cases by diagnosis over all data sets, the most frequent first. Cases without truth are not in it."""
    return dict(Counter(diagnoses(study.id).values()).most_common())


def strata_of(study: Study) -> Mapping[UUID, str]:
    """The class of every case: what a launch or an invitation passes on where batches are drawn by diagnosis."""
    return truths.strata_of(study.id)


def known_strata(study: Study) -> Mapping[UUID, str]:
    """The same, but empty where no plan needs it."""
    return strata_of(study) if strata_are_needed(study) else {}


def truth_hash(study: Study) -> str | None:
    """SHA-256 of the reference standard as it stands, for the protocol lock."""
    return truths.truth_sha256(study.id)


def make_altered_sets(study: Study, *, by: Person | None, at: datetime) -> Mapping[str, AlteredAids]:
    """Make and freeze every set of the design that departs from the model's own. Raises CannotAlter, Refused.

    The flags are written first and repeatably; a crash before the freeze leaves them for a set that nobody sees.
    """
    honest = [_plain(aid) for aid in own_aids(study)]
    there = frozen_sources(study)
    made = {}
    for wanted in study.design.altered:
        if wanted.name in there:
            continue
        one = _altered(study, wanted, honest)
        record_altered(study.id, wanted.name, one.altered, kind=KINDS[wanted.kind])
        freeze_set(study_id=study.id, source=wanted.name, aids=[_frozen(aid) for aid in one.aids], by=by, at=at)
        made[wanted.name] = one
    return made


@dataclass(frozen=True, slots=True)
class TruthLine:
    """A case as the truth page lists it."""

    case_id: UUID
    name: str
    dataset: str
    diagnosis: str
    source: str
    panel: str
    versions: int
    opinions: int


class ReferenceForm(forms.Form):
    diagnosis = forms.ChoiceField(label=gettext_lazy("Diagnosis"))
    source = forms.ChoiceField(
        label=gettext_lazy("Source"),
        choices=[
            (Source.HISTOLOGY, gettext_lazy("Histology")),
            (Source.PANEL, gettext_lazy("Panel: k of n experts")),
            (Source.FOLLOW_UP, gettext_lazy("Follow-up")),
            (Source.EXPERT, gettext_lazy("One expert")),
            (Source.UNKNOWN, gettext_lazy("Unknown")),
        ],
    )
    panel_agreed = forms.IntegerField(
        label=gettext_lazy("Experts who agreed (panel only)"), required=False, min_value=1
    )
    panel_of = forms.IntegerField(label=gettext_lazy("Experts in all (panel only)"), required=False, min_value=1)
    certainty = forms.FloatField(label=gettext_lazy("Certainty, 0 to 1"), required=False, min_value=0, max_value=1)
    reason = forms.CharField(label=gettext_lazy("Reason of the change"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: object, classes: Sequence[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["diagnosis"].choices = [(one, one) for one in classes]


class OpinionForm(forms.Form):
    opinion = forms.ChoiceField(label=gettext_lazy("Your own opinion"))

    def __init__(self, *args: object, classes: Sequence[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion"].choices = [(one, one) for one in classes]


class PanelForm(forms.Form):
    k = forms.IntegerField(label=gettext_lazy("Opinions that must agree"), min_value=1, max_value=20, initial=2)


@require_safe
@study_page
def truth(request: HttpRequest, study: Study) -> HttpResponse:
    note_truth_seen(study, by=request.user, at=request.arrived_at)
    return _page(request, study)


@require_http_methods(["GET", "HEAD", "POST"])
@study_page
def truth_case(request: HttpRequest, study: Study, case_id: UUID) -> HttpResponse:
    """One case: its versions, the opinions, and the way to correct it."""
    note_truth_seen(study, by=request.user, at=request.arrived_at)
    case = get_object_or_404(Case.objects.select_related("dataset"), pk=case_id, study=study)
    act = request.POST.get("act", "")
    form = ReferenceForm(
        request.POST if act in ("edit", "decide") else None, classes=case.dataset.classes, initial=_values(case.id)
    )
    opinion = OpinionForm(request.POST if act == "opinion" else None, classes=case.dataset.classes)
    asked = opinion if act == "opinion" else form
    if request.method != "POST":
        return _case_page(request, study, case, form, opinion)
    if not asked.is_valid():
        return _case_page(request, study, case, form, opinion, status=422)
    try:
        refuse_locked(study)
        _ACTS[act](study, case, request.user, request.arrived_at, asked.cleaned_data)
        what = {"edit": "edited", "decide": "adjudicated", "opinion": "opinion"}[act]
        note_truth_changed(study, what, [case.id], by=request.user, at=request.arrived_at)
    except (Refused, BadSource, NoReason) as refused:
        return _case_page(request, study, case, form, opinion, fault=str(refused), status=409)
    messages.success(request, _("Recorded. The version before is kept."))
    return redirect("administration:truth-case", study.slug, case.id)


@require_POST
@study_page
def panel(request: HttpRequest, study: Study) -> HttpResponse:
    """Settle by k of n every case on which enough truthers agree."""
    form = PanelForm(request.POST)
    if not form.is_valid():
        return _page(request, study, panel_form=form, status=422)
    try:
        refuse_locked(study)
        done = adjudication.adjudicate(
            study.id, k=form.cleaned_data["k"], by=str(request.user.pk), at=request.arrived_at
        )
        note_truth_changed(study, "adjudicated", sorted(done.settled), by=request.user, at=request.arrived_at)
    except Refused as refused:
        return _page(request, study, panel_form=form, fault=refused.message, status=409)
    messages.success(request, _("%(n)d cases are settled, %(open)d need an adjudicator.")
                     % {"n": len(done.settled), "open": len(done.open)})  # fmt: skip
    return redirect("administration:truth", study.slug)


@require_POST
@study_page
def altered(request: HttpRequest, study: Study) -> HttpResponse:
    """Make the false or boosted sets that the design asks for."""
    try:
        made = make_altered_sets(study, by=request.user, at=request.arrived_at)
    except CannotAlter as cannot:
        return _page(request, study, fault=str(cannot), status=409)
    except Refused as refused:
        return _page(request, study, fault=refused.message, status=409)
    for name, one in made.items():
        messages.success(request, _("The set “%(set)s” is frozen; %(n)d of its %(all)d outputs are altered.")
                         % {"set": name, "n": len(one.altered), "all": len(one.aids)})  # fmt: skip
        if one.dropped:
            messages.warning(request, _("“%(set)s” shows no %(parts)s: no other case could lend them for every one.")
                             % {"set": name, "parts": ", ".join(one.dropped)})  # fmt: skip
    return redirect("administration:truth", study.slug)


def _edit(study: Study, case: Case, by: Person, at: datetime, values: Mapping[str, object]) -> None:
    before = truths.reference_of(case.id)
    reference = Reference(
        case.id, values["diagnosis"], mask_id=before.mask_id if before else None, source=values["source"],
        panel_agreed=values["panel_agreed"], panel_of=values["panel_of"], certainty=values["certainty"],
    )  # fmt: skip
    truths.change_reference(study.id, reference, reason=values["reason"], by=str(by.pk), at=at)


def _decide(study: Study, case: Case, by: Person, at: datetime, values: Mapping[str, object]) -> None:
    adjudication.decide(
        study.id, case.id, diagnosis=values["diagnosis"], adjudicator=str(by.pk), reason=values["reason"], at=at
    )


def _opine(study: Study, case: Case, by: Person, at: datetime, values: Mapping[str, object]) -> None:
    adjudication.give_opinion(study.id, case.id, person=str(by.pk), diagnosis=values["opinion"], at=at)


_ACTS = {"edit": _edit, "decide": _decide, "opinion": _opine}


def _values(case_id: UUID) -> dict[str, object]:
    known = truths.reference_of(case_id)
    if known is None:
        return {"source": Source.UNKNOWN}
    return {
        "diagnosis": known.diagnosis,
        "source": known.source,
        "panel_agreed": known.panel_agreed,
        "panel_of": known.panel_of,
        "certainty": known.certainty,
    }


def _lines(study: Study) -> list[TruthLine]:
    known, versions, held = truths.references(study.id), truths.versions(study.id), adjudication.opinions(study.id)
    lines = []
    for case_id, dataset in study.cases.order_by("dataset__name", "id").values_list("id", "dataset__name"):
        one = known.get(case_id)
        lines.append(
            TruthLine(
                case_id=case_id,
                name=str(case_id)[:8],
                dataset=dataset,
                diagnosis=one.diagnosis if one else "",
                source=one.source if one else "",
                panel=f"{one.panel_agreed}/{one.panel_of}" if one and one.panel_of else "",
                versions=len(versions.get(case_id, ())),
                opinions=len(held.get(case_id, {})),
            )
        )
    return lines


def _page(
    request: HttpRequest, study: Study, *, panel_form: PanelForm | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    lines = _lines(study)
    there = frozen_sources(study)
    return render_study(
        request, study, "truth", status=status, fault=fault, lines=lines[:SHOWN_AT_MOST], total=len(lines),
        sources=Counter(line.source for line in lines if line.source).most_common(),
        without=sum(not line.diagnosis for line in lines), panel_form=panel_form or PanelForm(),
        missing_sets=[one.name for one in study.design.altered if one.name not in there],
        editable=study.state != Study.State.LOCKED,
    )  # fmt: skip


def _case_page(
    request: HttpRequest, study: Study, case: Case, form: ReferenceForm, opinion: OpinionForm, *, fault: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    return render_study(
        request, study, "truth", status=status, template="truth_case", case=case, form=form, opinion_form=opinion,
        fault=fault, versions=truths.versions(study.id).get(case.id, ()),
        opinions=Counter(adjudication.opinions(study.id).get(case.id, {}).values()).most_common(),
        editable=study.state != Study.State.LOCKED,
    )  # fmt: skip


def _altered(study: Study, wanted: AlteredSet, honest: Sequence[Aid]) -> AlteredAids:
    common = {"seed": study.seed, "source": wanted.name, "malignant": study.design.malignant}
    truth = diagnoses(study.id)
    if lacking := [aid for aid in honest if aid.case_id not in truth]:
        raise CannotAlter(_("%(n)d cases have no truth, so nobody can say what is false. Record it.")
                          % {"n": len(lacking)})  # fmt: skip
    if wanted.kind == Alteration.BOOSTED:
        return boosted(honest, truth, target=wanted.share, **common)
    return falsified(honest, truth, rule=wanted.rule, share=wanted.share, **common)


def _plain(aid: FrozenAid) -> Aid:
    return Aid(
        case_id=aid.case_id,
        dataset=aid.case.dataset.name,
        ranked=tuple((one["label"], one["probability"]) for one in aid.ranked),
        description=aid.description,
        mask_id=aid.mask_id,
        malignancy=aid.content.get("malignancy"),
        similar=tuple(aid.content.get("similar", ())),
        crowd=aid.content.get("crowd"),
    )


def _frozen(aid: Aid) -> SimulatedAid:
    parts = {"malignancy": aid.malignancy, "similar": list(aid.similar) or None, "crowd": aid.crowd}
    content = {name: value for name, value in parts.items() if value is not None}
    return SimulatedAid(aid.case_id, list(aid.ranked), aid.description, content=content, mask_id=aid.mask_id)
