from django.db import migrations

from webapp.audit.append_only import AllowChanges, ForbidChanges


def fill(apps, schema_editor):
    """Studies of the two-round product become plain values that say the same."""
    model = lambda name: apps.get_model("readerstudy", name)  # noqa: E731
    for study in model("Study").objects.all():
        rounds = model("Round").objects.filter(study=study).order_by("number")
        study.values = _values(study, rounds)
        study.save(update_fields=["values"])
        for one in rounds:
            one.aided = one.modality == "aided"
            one.save(update_fields=["aided"])
            model("Reading").objects.filter(round=one, is_practice=False).update(modalities=[one.modality])
    for reader in model("Reader").objects.all():
        reader.allocated_at = reader.enrolled_at
        reader.save(update_fields=["allocated_at"])
    for name in ("Answer", "LateAnswer"):
        for answer in model(name).objects.iterator(chunk_size=2000):
            told = {"diagnosis": answer.diagnosis, "confidence": answer.confidence}
            answer.values = {key: value for key, value in told.items() if value not in ("", None)}
            answer.save(update_fields=["values"])


def _values(study, rounds):
    shows = ["ranked", "caption", "mask"]  # what every aided round of that product showed
    values = {
        "modalities": [{"name": "unaided"}, {"name": "aided", "shows": shows}],
        "rounds": [
            {"washout_days": one.washout_days, "stages": [{"modality": one.modality, "limit_s": one.limit_ms / 1000}]}
            for one in rounds
        ],
        "cases": {"draw": study.draw},
        "grace_ms": study.grace_ms,
        "shown_cap_ms": study.shown_cap_ms,
        "questions": [{"name": "diagnosis", "kind": "diagnosis", "text": study.question}],
    }
    if study.confidence:
        values["questions"].append({"name": "confidence", "kind": "confidence", "text": "How sure are you?"})
    return values


class Migration(migrations.Migration):
    dependencies = [("readerstudy", "0003_plan")]
    operations = [
        AllowChanges("readerstudy_answer"),
        AllowChanges("readerstudy_lateanswer"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        ForbidChanges("readerstudy_answer"),
        ForbidChanges("readerstudy_lateanswer"),
    ]
