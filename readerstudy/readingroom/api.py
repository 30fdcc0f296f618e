"""The JSON API of a trial: next, start, shown, submit. Only POST: a mail scanner must never open a case."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from readerstudy.readingroom import serializers as forms
from readerstudy.services.errors import LeaseLost, NotAReader, ReadingClosed, Refused
from readerstudy.services.next_step import CaseStep, Step, WaitStep, next_step
from readerstudy.services.reading import Draft, mark_shown, start_reading, submit_answer
from readerstudy.services.reveal import reveal_aid

STATUS = {LeaseLost: 409, ReadingClosed: 409, NotAReader: 404, Refused: 422}
PAGES = {
    "consent": "readingroom:consent",
    "profile": "readingroom:profile",
    "practice": "readingroom:practice",
    "practice_done": "readingroom:practice",
    "batch": "readingroom:batch",
    "debriefing": "readingroom:debriefing",
    "end": "readingroom:end",
}


def as_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal as {"code", "message"}: one form for a browser to show as it is."""
    if isinstance(error, Refused):
        return Response({"code": error.code, "message": error.message, **error.details}, status=STATUS[type(error)])
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed | exceptions.PermissionDenied):
        message = _("You are signed out. Your answer is kept in this browser: sign in and it is sent again.")
        return Response({"code": "signed_out", "message": message}, status=403)
    if isinstance(error, exceptions.ValidationError):
        message = _("The browser sent something this page does not understand. Reload it; nothing was counted.")
        return Response({"code": "invalid", "message": message, "fields": sorted(error.detail)}, status=400)
    return Response({"code": "refused", "message": str(error)}, status=response.status_code)


class ReaderView(APIView):
    """Base of the four: problems in one form."""

    def get_exception_handler(self) -> Any:
        return as_problem

    @staticmethod
    def parsed(form: type, request: Request) -> dict[str, Any]:
        body = form(data=request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data


class NextView(ReaderView):
    @extend_schema(request=forms.Empty, responses={200: forms.NextReply, 404: forms.Problem})
    def post(self, request: Request, slug: str) -> Response:
        """Issue the next case, resume the open one, or say what comes instead."""
        step = next_step(slug=slug, person_id=request.user.pk, now=request.arrived_at)
        return Response(forms.NextReply(_next_reply(slug, step)).data)


class StartView(ReaderView):
    @extend_schema(request=forms.LeaseRequest, responses={200: forms.StartReply, 409: forms.Problem})
    def post(self, request: Request, slug: str, reading_id: UUID) -> Response:
        """Start the clock, once the image is decoded and before it is painted."""
        lease = self.parsed(forms.LeaseRequest, request)["lease"]
        reading = start_reading(
            slug=slug, person_id=request.user.pk, reading_id=reading_id, lease=lease, arrived_at=request.arrived_at
        )
        return Response(forms.StartReply({"limit_ms": reading.limit_ms}).data)


class ShownView(ReaderView):
    @extend_schema(request=forms.ShownRequest, responses={204: None})
    def post(self, request: Request, slug: str, reading_id: UUID) -> Response:
        """Note that the image is on screen. A lost note costs the reader nothing."""
        body = self.parsed(forms.ShownRequest, request)
        mark_shown(
            slug=slug, person_id=request.user.pk, reading_id=reading_id, lease=body["lease"],
            onset_method=body["onset_method"], arrived_at=request.arrived_at,
        )  # fmt: skip
        return Response(status=204)


class AidView(ReaderView):
    @extend_schema(request=forms.LeaseRequest, responses={200: forms.AidReply, 409: forms.Problem, 422: forms.Problem})
    def post(self, request: Request, slug: str, reading_id: UUID) -> Response:
        """Show the AI output that does not come with the image: asked for, or due by now. The asking is recorded."""
        lease = self.parsed(forms.LeaseRequest, request)["lease"]
        reading, aid = reveal_aid(
            slug=slug, person_id=request.user.pk, reading_id=reading_id, lease=lease, arrived_at=request.arrived_at
        )
        return Response(forms.AidReply({"aid": forms.aid_reply(slug, reading, aid)}).data)


class SubmitView(ReaderView):
    @extend_schema(request=forms.SubmitRequest, responses={200: forms.Outcome, 409: forms.Problem, 422: forms.Problem})
    def post(self, request: Request, slug: str, reading_id: UUID) -> Response:
        """End a trial. The same key gets the same reply, however often it is sent."""
        draft = Draft(**self.parsed(forms.SubmitRequest, request))
        closed = submit_answer(
            slug=slug, person_id=request.user.pk, reading_id=reading_id, draft=draft, arrived_at=request.arrived_at
        )
        feedback = closed.feedback and {"right": closed.feedback[0], "answer_label": closed.feedback[1]}
        reply = {"outcome": closed.outcome, "message": closed.message, "next": closed.next, "left": closed.left}
        return Response(forms.Outcome({**reply, "feedback": feedback}).data)


def _next_reply(slug: str, step: Step) -> dict[str, Any]:
    if isinstance(step, CaseStep):
        return forms.case_reply(slug, step)
    if isinstance(step, WaitStep):
        return {"kind": "washout", "opens_at": step.opens_at, "url": reverse("readingroom:washout", args=[slug])}
    if step.kind == "closed":
        message = _("This study takes no readings now. What you answered is saved.")
        return {"kind": "closed", "message": message, "url": reverse("readingroom:home")}
    return {"kind": step.kind, "url": reverse(PAGES[step.kind], args=[slug])}
