from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from readerstudy.models.study import Study


class Signature(models.Model):
    """Somebody signed something by its hash, with their password. Rows are only ever added (trigger in migrations)."""

    class Meaning(models.TextChoices):
        PROTOCOL_LOCK = "protocol_lock", _("I lock the protocol")
        DATABASE_LOCK = "database_lock", _("I lock the readings")
        UNBLINDING = "unblinding", _("I unblind results")
        ROLE_GRANTED = "role_granted", _("I give a role")
        ROLE_ENDED = "role_ended", _("I end a role")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="signatures")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    printed_name = models.CharField(max_length=320)  # as it stood at that moment; "system" where no person signed
    meaning = models.CharField(max_length=20, choices=Meaning)
    sha256 = models.CharField(max_length=64)  # of what is signed
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["signed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(printed_name="system"), name="a_person_or_the_system_signs"
            ),
            models.UniqueConstraint(
                fields=["study"], condition=Q(meaning="database_lock"), name="a_database_is_locked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.get_meaning_display()}"


class Unblinding(models.Model):
    """Results became known to somebody before the database lock: why and to whom. Rows are only ever added."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("Planned: the signer may see results from now on")
        ACCIDENTAL = "accidental", _("Accidental: results were seen; this is the record of it")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="unblindings")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="unblinding")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.TextField()

    class Meta:
        ordering = ["signature__signed_at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="an_unblinding_says_why")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"
