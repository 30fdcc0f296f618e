"""Every page of this room is for those who have a part in the study."""

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from readerstudy.administration.urls import urlpatterns
from tests.readerstudy.sample_study import live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def addresses() -> list[str]:
    """Every address of the room, filled in for a study with a reader, a case and a practice case."""
    study, [reader] = live_study(practice=1)
    ids = {
        "administration:case-picture": {"case_id": study.cases.first().pk},
        "administration:practice-picture": {"case_id": study.practice_cases.first().pk},
        "administration:link": {"reader_id": reader.pk},
        "administration:preset": {"name": "dermino-two-round"},
        "administration:reader": {"reader_id": reader.pk},
        "administration:withdraw": {"reader_id": reader.pk},
        "administration:washout": {"reader_id": reader.pk},
        "administration:end-role": {"role_id": 1},
        "administration:truth-case": {"case_id": study.cases.first().pk},
    }
    found = []
    for pattern in urlpatterns:
        name = f"administration:{pattern.name}"
        slug = {"slug": study.slug} if "<slug:slug>" in str(pattern.pattern) else {}
        found.append(reverse(name, kwargs={**slug, **ids.get(name, {})}))
    return found


def test_a_person_without_the_role_is_refused_everywhere(anybody: Client) -> None:
    for address in addresses():
        assert anybody.get(address).status_code in (403, 405), address
        assert anybody.post(address).status_code in (403, 405), address


def test_a_reader_of_the_study_is_refused_everywhere(client: Client) -> None:
    every = addresses()
    study, [reader] = live_study(seed=8)
    client.force_login(reader.person)
    for address in every:
        assert client.get(address).status_code in (403, 405), address


def test_nobody_signed_in_is_sent_to_the_sign_in_page(client: Client) -> None:
    for address in addresses():
        reply = client.get(address)
        assert reply.status_code == 405 or reply["Location"].startswith(resolve_url(settings.LOGIN_URL)), address


def test_an_administrator_sees_every_page_and_no_cache_keeps_it(administrator: Client) -> None:
    for address in addresses():
        reply = administrator.get(address)
        assert reply.status_code in (200, 405, 422), address  # 422: an export that needs a choice
        if reply.status_code == 200 and address.count("/") > 3:
            assert reply["Cache-Control"] == "private, no-store", address


def test_a_study_that_is_not_there_is_a_404(administrator: Client) -> None:
    assert administrator.get("/administration/nowhere/monitor/").status_code == 404
