from django.db import migrations


class Migration(migrations.Migration):
    """The columns that the plain values replaced."""

    dependencies = [("readerstudy", "0004_plan_from_columns")]
    operations = [
        migrations.RemoveField(
            model_name="round",
            name="modality",
        ),
        migrations.RemoveField(
            model_name="study",
            name="confidence",
        ),
        migrations.RemoveField(
            model_name="study",
            name="draw",
        ),
        migrations.RemoveField(
            model_name="study",
            name="grace_ms",
        ),
        migrations.RemoveField(
            model_name="study",
            name="question",
        ),
        migrations.RemoveField(
            model_name="study",
            name="shown_cap_ms",
        ),
    ]
