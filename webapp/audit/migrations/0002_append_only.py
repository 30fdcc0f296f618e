from django.db import migrations

from webapp.audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [forbid_changes("audit_event")]
