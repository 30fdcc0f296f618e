from django.db import migrations

from webapp.audit.append_only import ForbidChanges


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [ForbidChanges("audit_event")]
