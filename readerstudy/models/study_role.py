from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from readerstudy.models.study import Study


class StudyRole(models.Model):
    """What a person may do in one study. A role that ended stays as a row: it is evidence."""

    class Name(models.TextChoices):
        ADMINISTRATOR = "administrator", _("Administrator")
        TRUTH_MANAGER = "truth_manager", _("Truth manager")
        STATISTICIAN_BLINDED = "statistician_blinded", _("Statistician, blinded")
        STATISTICIAN_UNBLINDED = "statistician_unblinded", _("Statistician, unblinded")
        MONITOR = "monitor", _("Monitor")
        AUDITOR = "auditor", _("Auditor")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="roles")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="study_roles")
    role = models.CharField(max_length=24, choices=Name)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["study", "person", "role"], condition=Q(ended_at__isnull=True), name="a_study_role_is_held_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"
