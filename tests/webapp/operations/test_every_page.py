"""What holds for each reply of the site, whatever room it comes from."""

from datetime import datetime

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from webapp.operations.arrival import stamp_arrival

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def test_arrival_is_stamped_before_anything_else_is_done():
    assert settings.MIDDLEWARE[0] == "webapp.operations.arrival.stamp_arrival"


def test_a_request_knows_when_it_came_in():
    seen: list[datetime] = []

    def slow_page(request):
        seen.append(request.arrived_at)
        return HttpResponse()

    before = timezone.now()
    stamp_arrival(slow_page)(RequestFactory().get("/"))
    assert before <= seen[0] <= timezone.now()


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/healthz", "/no-such-page"])
def test_scripts_and_styles_come_from_this_site_only(client, path):
    policy = dict(part.strip().partition(" ")[::2] for part in client.get(path)["Content-Security-Policy"].split(";"))
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert policy["img-src"] == "'self' blob: data:"
    assert policy["frame-ancestors"] == "'none'"


def test_a_page_that_is_not_there_leads_back(client):
    page = client.get("/no-such-page")
    assert page.status_code == 404
    assert "To the first page" in page.content.decode()


def test_a_page_that_fails_says_that_nothing_is_lost(client, monkeypatch):
    def fail():
        raise RuntimeError("planted")

    monkeypatch.setattr("webapp.operations.views.health", fail)
    client.raise_request_exception = False
    page = client.get("/readyz")
    assert page.status_code == 500
    assert "saved before are safe" in page.content.decode()


def test_the_schema_of_the_json_interface_is_public_and_in_openapi_3(client):
    schema = client.get("/api/schema/", {"format": "json"})
    assert schema.status_code == 200
    assert schema.json()["openapi"].startswith("3.")
    assert any(path.startswith("/read/") for path in schema.json()["paths"])


def test_options_tell_nothing_about_a_field(client, django_user_model):
    client.force_login(django_user_model.objects.create(email="r@example.org"))
    path = "/read/some-study/api/next/"
    assert b"choices" not in client.options(path).content
