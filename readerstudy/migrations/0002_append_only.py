from django.db import migrations

from webapp.audit.append_only import forbid_changes


class Migration(migrations.Migration):
    """What a reader decided, what the AI said and what was seen can only be added to."""

    dependencies = [("readerstudy", "0001_initial")]
    operations = [
        forbid_changes("readerstudy_answer"),
        forbid_changes("readerstudy_lateanswer"),
        forbid_changes("readerstudy_frozenaid"),
        forbid_changes("readerstudy_aidshown"),
        forbid_changes("readerstudy_protocolversion"),
    ]
