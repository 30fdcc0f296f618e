from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from readerstudy.models.case import Case
from readerstudy.models.reader import Reader
from readerstudy.models.reading import Reading
from readerstudy.models.study import Study


class Exclusion(models.Model):
    """A decision about one reader, case or reading; the latest one on it holds. Rows are only ever added (trigger)."""

    class Decision(models.TextChoices):
        EXCLUDED = "excluded", _("Excluded")
        KEPT = "kept", _("Kept after all")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="exclusions")
    reader = models.ForeignKey(Reader, null=True, on_delete=models.PROTECT, related_name="exclusions")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="exclusions")
    reading = models.ForeignKey(Reading, null=True, on_delete=models.PROTECT, related_name="exclusions")
    decision = models.CharField(max_length=8, choices=Decision)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reader__isnull=False, case__isnull=True, reading__isnull=True)
                | Q(reader__isnull=True, case__isnull=False, reading__isnull=True)
                | Q(reader__isnull=True, case__isnull=True, reading__isnull=False),
                name="an_exclusion_is_of_a_reader_a_case_or_a_reading",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="an_exclusion_says_why"),
        ]

    @property
    def target(self) -> tuple[str, object]:
        """What is decided on: ("reader", id), ("case", id) or ("reading", id)."""
        for kind in ("reader", "case", "reading"):
            if getattr(self, f"{kind}_id") is not None:
                return kind, getattr(self, f"{kind}_id")
        raise ValueError(f"The exclusion {self.id} is of nothing.")
