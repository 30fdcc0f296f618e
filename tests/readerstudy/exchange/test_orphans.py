from uuid import uuid4

import pytest
from django.utils import timezone

from readerstudy.exchange.orphans import truth_without_case
from readerstudy.truth.services import Reference, record_references

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def test_truth_whose_case_was_never_written_is_reported():
    record_references(uuid4(), [Reference(uuid4(), "melanoma"), Reference(uuid4(), "nevus")], at=timezone.now())
    assert next(truth_without_case()).startswith("2 rows of truth belong to no case")


def test_nothing_is_said_where_truth_and_cases_agree():
    assert list(truth_without_case()) == []
