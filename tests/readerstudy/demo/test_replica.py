"""The replica on the site: its report is made from its rows, and moves with them."""

import pytest
from django.db import connection

from readerstudy.demo.counts import read_counts
from readerstudy.demo.replica import seed_replica
from readerstudy.models import Answer
from readerstudy.results.joined import report_for
from readerstudy.truth.services import diagnoses
from webapp.audit.append_only import lifted

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The synthetic images, drawn once for all tests."""
    return tmp_path_factory.mktemp("replica")


@pytest.fixture
def replica(folder):
    return seed_replica(folder, say=print)


def printed(report) -> dict:
    """Right answers and readings by round, group and data set, pooled over readers."""
    return {
        (row["round"], row["group"], row["dataset"]): (row["correct"], row["readings"])
        for row in report["accuracy"]
        if row["reader"] == "all"
    }


def test_the_report_prints_the_published_table_and_moves_with_ten_answers(replica):
    before = report_for(replica)
    counts = printed(before)
    assert counts[1, "all", "all"] == (2016, 2737)
    assert counts[2, "all", "all"] == (2487, 2737)
    assert counts[1, "[0,3)", "MPL5"] == (486, 800)
    assert counts[1, "[5,inf)", "SID2"] == (126, 156)
    ai = {row["dataset"]: (row["correct"], row["cases"]) for row in before["ai_alone"]}
    assert ai == {"all": (114, 119), "MPL5": (77, 80), "SID2": (37, 39)}

    _spoil_ten_answers(replica)
    after = report_for(replica)
    moved = printed(after)
    for key in ((2, "all", "all"), (2, "all", "MPL5"), (2, "[0,3)", "all"), (2, "[0,3)", "MPL5")):
        assert moved[key][0] == counts[key][0] - 10
    assert moved[1, "all", "all"] == counts[1, "all", "all"]
    for part in ("change", "mrmc", "agreement", "reliance"):
        assert after[part] != before[part], part


def test_a_second_seeding_changes_nothing_and_what_is_invented_is_said(replica, folder):
    assert seed_replica(folder, say=print) == replica
    assert Answer.objects.filter(reading__reader__study=replica).count() == 23 * 119 * 2
    assert replica.simulated
    assert set(replica.results_notes) == set(read_counts().notes)


def _spoil_ten_answers(study) -> None:
    """Make ten right aided answers of one inexperienced reader on MPL5 wrong, as nobody could on a site."""
    truth = diagnoses(study.id)
    right = [
        answer
        for answer in Answer.objects.filter(
            reading__reader__study=study, reading__reader__number=1, reading__round__number=2,
            reading__case__dataset__name="MPL5",
        ).select_related("reading")
        if answer.diagnosis == truth[answer.reading.case_id]
    ]  # fmt: skip
    with lifted(connection):
        for answer in right[:10]:
            answer.diagnosis = "melanoma" if answer.diagnosis != "melanoma" else "Bowen disease"
            answer.save()
