"""The baselines of answer_path.py: the least that a DRF view, and a plain view, can do and still keep an answer."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from readerstudy.readingroom.serializers import SubmitRequest


class BareAnswer(models.Model):
    """The columns of an Answer without its reading, constraints or triggers."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    reading_id = models.UUIDField()
    diagnosis = models.CharField(max_length=120)
    confidence = models.FloatField(null=True)
    rt_ms = models.IntegerField()
    measures = models.JSONField()
    arrived_at = models.DateTimeField()

    class Meta:
        app_label = "operations"
        db_table = "bare_answer"


def insert(reading_id: UUID, values: Mapping[str, Any], arrived_at: datetime) -> None:
    """The one row."""
    BareAnswer.objects.create(
        reading_id=reading_id,
        diagnosis=values["values"]["diagnosis"],
        confidence=values["values"]["confidence"],
        rt_ms=values["rt_ms"],
        measures=values["measures"],
        arrived_at=arrived_at,
    )


class BareView(APIView):
    """Same middleware, sign-in and serializer; one row in one durable transaction."""

    def post(self, request: Request, reading_id: UUID) -> Response:
        body = SubmitRequest(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        with transaction.atomic():
            insert(reading_id, values, request.arrived_at)
        return Response({"outcome": "answered"})


@csrf_exempt
def plain_view(request: HttpRequest, reading_id: UUID) -> JsonResponse:
    """No sign-in, no serializer: one row in one durable transaction."""
    values = json.loads(request.body)
    insert(reading_id, values, request.arrived_at)
    return JsonResponse({"outcome": "answered"})


urlpatterns = [
    path("plain/<uuid:reading_id>", plain_view),
    path("bare/<uuid:reading_id>", BareView.as_view()),
    path("", include("webapp.urls")),
]
