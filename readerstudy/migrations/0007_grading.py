import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from webapp.audit.append_only import ForbidChanges


class Migration(migrations.Migration):

    dependencies = [
        ('readerstudy', '0006_life_cycle'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Grader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('version', models.CharField(blank=True, max_length=40)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='graders', to='readerstudy.study')),
            ],
        ),
        migrations.CreateModel(
            name='Grade',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(max_length=40)),
                ('value', models.FloatField()),
                ('at', models.DateTimeField()),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='readerstudy.answer')),
                ('grader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grades', to='readerstudy.grader')),
            ],
        ),
        migrations.CreateModel(
            name='Coding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('question', models.CharField(max_length=80)),
                ('text', models.CharField(max_length=400)),
                ('code', models.CharField(max_length=400)),
                ('at', models.DateTimeField()),
                ('coder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codings', to='readerstudy.study')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('study', 'question', 'text', 'coder'), name='one_code_a_coder')],
            },
        ),
        migrations.AddConstraint(
            model_name='grader',
            constraint=models.UniqueConstraint(fields=('study', 'name', 'version'), name='one_grader_per_name'),
        ),
        migrations.AddConstraint(
            model_name='grade',
            constraint=models.UniqueConstraint(fields=('answer', 'grader', 'measure'), name='one_grade_per_measure'),
        ),
        ForbidChanges("readerstudy_grade"),
        ForbidChanges("readerstudy_coding"),
    ]
