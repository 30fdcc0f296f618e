import django.db.models.deletion
import readerstudy.models.study
from django.conf import settings
from django.db import migrations, models

from webapp.audit.append_only import AllowChanges, ForbidChanges


class Migration(migrations.Migration):
    """A study's whole design as plain values; stages, batches, several sets of AI output. Old columns stay until 0005."""

    dependencies = [
        ('imagery', '0001_initial'),
        ('inference', '0001_initial'),
        ('readerstudy', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AllowChanges("readerstudy_answer"),
        AllowChanges("readerstudy_lateanswer"),
        AllowChanges("readerstudy_frozenaid"),
        AllowChanges("readerstudy_aidshown"),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('case_ids', models.JSONField()),
                ('begun_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='CaseImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='PassedStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('answered', 'answered'), ('timeout', 'timeout'), ('technical', 'technical')], max_length=10)),
                ('started_at', models.DateTimeField(null=True)),
                ('shown_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='SavedPreset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(unique=True)),
                ('text', models.TextField()),
                ('saved_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='answer',
            name='an_answer_names_a_diagnosis',
        ),
        migrations.RemoveConstraint(
            model_name='reader',
            name='one_reader_per_person',
        ),
        migrations.RemoveConstraint(
            model_name='reader',
            name='one_reader_per_number',
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='one_reading_per_case_and_round',
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='one_reading_per_position',
        ),
        migrations.RemoveConstraint(
            model_name='reading',
            name='a_reading_is_of_a_case_or_of_practice',
        ),
        migrations.RemoveConstraint(
            model_name='round',
            name='limit_is_1_to_600_seconds',
        ),
        migrations.RemoveConstraint(
            model_name='study',
            name='only_a_draft_is_not_launched',
        ),
        migrations.AddField(
            model_name='aidshown',
            name='requested',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='aidshown',
            name='stage',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='answer',
            name='values',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='frozenaid',
            name='content',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='frozenaid',
            name='source',
            field=models.CharField(default='ai', max_length=40),
        ),
        migrations.AddField(
            model_name='lateanswer',
            name='values',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='reader',
            name='allocated_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reader',
            name='debriefed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reader',
            name='kind',
            field=models.CharField(choices=[('reader', 'Reader'), ('pilot', 'Pilot'), ('dry_run', 'Dry Run')], default='reader', max_length=8),
        ),
        migrations.AddField(
            model_name='reader',
            name='time_multiplier',
            field=models.FloatField(default=1.0),
        ),
        migrations.AddField(
            model_name='reader',
            name='withdrawn_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reading',
            name='counted',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='reading',
            name='is_attention',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='reading',
            name='limit_is_hard',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='reading',
            name='modalities',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='reading',
            name='occurrence',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='reading',
            name='session',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='round',
            name='aided',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='study',
            name='locked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='study',
            name='registration',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='study',
            name='values',
            field=models.JSONField(default=readerstudy.models.study.one_round),
        ),
        migrations.AlterField(
            model_name='aidshown',
            name='reading',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aids_shown', to='readerstudy.reading'),
        ),
        migrations.AlterField(
            model_name='answer',
            name='diagnosis',
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AlterField(
            model_name='frozenaid',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aids', to='readerstudy.case'),
        ),
        migrations.AlterField(
            model_name='lateanswer',
            name='diagnosis',
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AlterField(
            model_name='reader',
            name='arm',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='readers', to='readerstudy.arm'),
        ),
        migrations.AlterField(
            model_name='study',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('pilot', 'Pilot'), ('live', 'Live'), ('closed', 'Closed'), ('locked', 'Locked')], default='draft', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='aidshown',
            constraint=models.UniqueConstraint(fields=('reading', 'stage'), name='one_aid_shown_per_stage'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('diagnosis', ''), _negated=True), models.Q(('values', {}), _negated=True), _connector='OR'), name='an_answer_says_something'),
        ),
        migrations.AddConstraint(
            model_name='frozenaid',
            constraint=models.UniqueConstraint(fields=('case', 'source'), name='one_aid_per_case_and_source'),
        ),
        migrations.AddConstraint(
            model_name='reader',
            constraint=models.UniqueConstraint(fields=('study', 'person', 'kind'), name='one_reader_per_person'),
        ),
        migrations.AddConstraint(
            model_name='reader',
            constraint=models.UniqueConstraint(fields=('study', 'kind', 'number'), name='one_reader_per_number'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(fields=('reader', 'round', 'session', 'case', 'occurrence'), name='one_reading_per_case_and_round'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.UniqueConstraint(condition=models.Q(('is_practice', False)), fields=('reader', 'round', 'session', 'position'), name='one_reading_per_position'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('is_practice', True), ('practice_case__isnull', False)), models.Q(('case__isnull', False), ('is_attention', False), ('is_practice', False), ('practice_case__isnull', True)), models.Q(('case__isnull', True), ('counted', False), ('is_attention', True), ('is_practice', False), ('practice_case__isnull', False)), _connector='OR'), name='a_reading_is_of_a_case_or_of_practice'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'pilot')), ('launched_at__isnull', False), _connector='OR'), name='only_a_draft_is_not_launched'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'locked'), _negated=True), ('locked_at__isnull', False), _connector='OR'), name='a_locked_study_says_since_when'),
        ),
        migrations.AddField(
            model_name='batch',
            name='reader',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='readerstudy.reader'),
        ),
        migrations.AddField(
            model_name='caseimage',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='further_images', to='readerstudy.case'),
        ),
        migrations.AddField(
            model_name='caseimage',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='imagery.image'),
        ),
        migrations.AddField(
            model_name='passedstage',
            name='reading',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='passed_stages', to='readerstudy.reading'),
        ),
        migrations.AddField(
            model_name='savedpreset',
            name='saved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('reader', 'number'), name='one_batch_per_number'),
        ),
        migrations.AddConstraint(
            model_name='caseimage',
            constraint=models.UniqueConstraint(fields=('case', 'position'), name='one_image_per_position'),
        ),
        migrations.AddConstraint(
            model_name='passedstage',
            constraint=models.UniqueConstraint(fields=('reading', 'stage'), name='one_outcome_per_stage'),
        ),
        ForbidChanges("readerstudy_answer"),
        ForbidChanges("readerstudy_lateanswer"),
        ForbidChanges("readerstudy_frozenaid"),
        ForbidChanges("readerstudy_aidshown"),
        ForbidChanges("readerstudy_passedstage"),
    ]
