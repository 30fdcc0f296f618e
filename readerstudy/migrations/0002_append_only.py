from django.db import migrations

from webapp.audit.append_only import ForbidChanges


class Migration(migrations.Migration):
    """What a reader decided, what the AI said and what was seen can only be added to."""

    dependencies = [("readerstudy", "0001_initial")]
    operations = [
        ForbidChanges("readerstudy_answer"),
        ForbidChanges("readerstudy_lateanswer"),
        ForbidChanges("readerstudy_frozenaid"),
        ForbidChanges("readerstudy_aidshown"),
        ForbidChanges("readerstudy_protocolversion"),
    ]
