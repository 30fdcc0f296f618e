"""Training asks by name which images to leave out; the study must have told it that it knows."""

import pytest

from tests.readerstudy.sample_study import draft_study
from webapp.inference.exclusions import UnknownCollection, images_of

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def test_training_finds_a_studys_images_by_its_slug() -> None:
    study = draft_study(cases=3)
    assert {image.pk for image in images_of(study.slug)} == set(study.cases.values_list("image_id", flat=True))


def test_a_mistyped_study_stops_the_training() -> None:
    with pytest.raises(UnknownCollection, match="smaple"):
        images_of("smaple")
