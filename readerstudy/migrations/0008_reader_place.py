from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("readerstudy", "0007_grading")]
    operations = [
        migrations.AddField(model_name="reader", name="place", field=models.PositiveIntegerField(null=True)),
    ]
