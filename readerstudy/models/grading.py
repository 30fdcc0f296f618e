from django.conf import settings
from django.db import models

from readerstudy.models.answer import Answer
from readerstudy.models.study import Study


class Grader(models.Model):
    """Who grades answers: a person, or a program by its name and version."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="graders")
    name = models.CharField(max_length=80)
    version = models.CharField(max_length=40, blank=True)  # of a program; empty for a person
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name", "version"], name="one_grader_per_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Grade(models.Model):
    """One grader's score of one answer, made blind to reader, modality and stage (trigger: rows are only added)."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="grades")
    grader = models.ForeignKey(Grader, on_delete=models.PROTECT, related_name="grades")
    measure = models.CharField(max_length=40)  # "diagnosis", "management" ...
    value = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "grader", "measure"], name="one_grade_per_measure")]


class Coding(models.Model):
    """What one coder took a free text for. Coders see the text alone: no reader, case, modality or stage (trigger)."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="codings")
    question = models.CharField(max_length=80)
    text = models.CharField(max_length=400)  # as it was written, lower case, single spaces
    code = models.CharField(max_length=400)  # an entry of the list; empty: none of them
    coder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "question", "text", "coder"], name="one_code_a_coder")]
