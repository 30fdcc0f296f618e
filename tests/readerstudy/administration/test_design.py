"""The design editor: the whole design as text and as values, checked while it is typed, frozen at launch."""

import json
import tomllib

import pytest
from django.test import Client
from django.urls import reverse

from readerstudy.administration.design import parsed, written
from readerstudy.administration.design_schema import design_schema
from readerstudy.models import SavedPreset, Study
from readerstudy.protocol import presets
from readerstudy.protocol.design import Design
from readerstudy.services.preset import preset_named
from readerstudy.services.study import create_study
from tests.readerstudy.sample_study import NOON, draft_study, live_study

pytestmark = pytest.mark.django_db(databases=["default", "truth"])


def page(name: str, study: Study) -> str:
    return reverse(f"administration:{name}", args=[study.slug])


def checked(administrator: Client, study: Study, **sent: object) -> dict:
    reply = administrator.post(page("design-preview", study), json.dumps(sent), content_type="application/json")
    assert reply.status_code == 200
    return reply.json()


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_goes_through_the_editor_and_loses_nothing(name: str) -> None:
    design = presets.load(name).design
    assert Design.from_dict(parsed(written(design.as_dict()))) == design


def names_in(fields: list[dict]) -> set[str]:
    return {one["name"] for one in fields} | {inner for one in fields for inner in names_in(one.get("fields", []))}


def test_every_value_of_a_design_has_its_place_in_the_form() -> None:
    schema = design_schema()
    shown = {name for section in schema["sections"] for name in section["fields"]}
    assert shown == {one["name"] for one in schema["fields"]}
    assert {"stages", "evidence", "honest_batches", "repeat_gap", "synonyms", "cov1"} <= names_in(schema["fields"])


def test_typed_values_come_back_as_text_with_their_plan(administrator: Client) -> None:
    study = draft_study()
    values = study.design.as_dict() | {"rounds": [{"stages": [{"modality": "aided", "limit_s": 30}]}]}
    reply = checked(administrator, study, values=values)
    assert tomllib.loads(reply["text"])["rounds"] == [{"stages": [{"modality": "aided", "limit_s": 30}]}]
    assert reply["faults"] == []
    assert "3 min at most" in reply["plan"]
    study.refresh_from_db()
    assert len(study.design.rounds) == 2


def test_typed_text_comes_back_as_values_or_with_every_fault(administrator: Client) -> None:
    study = draft_study()
    good = checked(administrator, study, text='[[rounds]]\nmodality = "unaided"\nlimit_s = 12.0\n')
    assert good["values"]["rounds"] == [{"modality": "unaided", "limit_s": 12.0}]
    bad = checked(administrator, study, text='[[rounds]]\nmodality = "none"\nlimit_s = 0.0\nwashout_days = -1.0\n')
    assert len(bad["faults"]) >= 2
    assert all(fault.split(".")[0] in bad["plan"].replace("&quot;", '"') for fault in bad["faults"][:1])
    assert "no valid TOML" in checked(administrator, study, text="rounds = [")["faults"][0]


def test_a_saved_text_is_the_studys_design(administrator: Client) -> None:
    study = draft_study()
    reply = administrator.post(page("design", study), {"text": '[[rounds]]\nmodality = "unaided"\nlimit_s = 9.0\n'})
    assert reply.status_code == 302
    study.refresh_from_db()
    assert [one.limit_s for one in study.design.rounds] == [9.0]


def test_a_faulty_text_is_named_whole_kept_on_the_page_and_not_saved(administrator: Client) -> None:
    study = draft_study()
    before = study.values
    reply = administrator.post(page("design", study), {"text": "grace_ms = -5\nshown_cap_ms = 1\n[[rounds]]\n"})
    assert reply.status_code == 422
    shown = reply.content.decode()
    assert "grace_ms = -5" in shown and "shown_cap_ms = 1" in shown
    study.refresh_from_db()
    assert study.values == before


def test_a_live_study_refuses_a_program_with_409_and_says_why(administrator: Client) -> None:
    study, _ = live_study()
    values = study.design.as_dict() | {"grace_ms": 1}
    reply = administrator.post(page("design", study), json.dumps(values), content_type="application/json")
    assert reply.status_code == 409
    assert reply.json()["code"] == "frozen" and "frozen" in reply.json()["message"]
    assert administrator.post(page("design", study), {"text": "[[rounds]]"}).status_code == 409


def test_a_launched_design_is_read_only(administrator: Client) -> None:
    study, _ = live_study()
    shown = administrator.get(page("design", study)).content.decode()
    assert "data-frozen" in shown and "Save the design" not in shown


def test_a_design_is_exported_and_imported_under_another_name(administrator: Client) -> None:
    study = create_study(title="Origin", preset="faulty-aid", seed=1, by=None, at=NOON)
    text = administrator.get(page("design-export", study)).content.decode()
    assert administrator.post(reverse("administration:presets"), {"name": "my-faulty", "text": text}).status_code == 302
    assert preset_named("my-faulty").design == study.design
    assert "my-faulty" in administrator.get(reverse("administration:create")).content.decode()


def test_a_faulty_preset_is_refused_with_every_fault(administrator: Client) -> None:
    reply = administrator.post(
        reverse("administration:presets"),
        {"name": "bad", "text": 'title = "x"\ngrace_ms = -1\n[[rounds]]\nlimit = "odd"\n'},
    )
    assert reply.status_code == 422
    shown = reply.content.decode()
    for fault in ("source", "grace_ms", "limit"):
        assert fault in shown


@pytest.mark.parametrize("name", ["dermino-two-round", "Not A Name"])
def test_a_presets_name_must_be_new_and_plain(administrator: Client, name: str) -> None:
    study = draft_study()
    administrator.post(page("design-keep", study), {"name": name})
    assert not SavedPreset.objects.exists()


def test_the_registration_is_kept_until_the_launch(administrator: Client) -> None:
    study = draft_study()
    sent = {"ethics_committee": "Board", "ethics_number": "E-1", "registration": "DRKS1"}
    administrator.post(page("register", study), sent)
    study.refresh_from_db()
    assert study.registration == sent


def test_the_example_shows_how_readers_fall_into_arms(administrator: Client) -> None:
    study = create_study(title="Arms", preset="two-models-ranked", seed=1, by=None, at=NOON)
    shown = administrator.get(page("design", study)).content.decode()
    assert "Readers by stratum and arm" in shown and "primary care physician" in shown
