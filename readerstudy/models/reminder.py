from django.conf import settings
from django.db import models
from django.db.models import Q

from readerstudy.models.reader import Reader
from readerstudy.models.study import Round


class ReminderSent(models.Model):
    """A mail that a reader got by rule: each kind once in a round. The row comes first, the mail after it."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="reminders")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=20)  # "opens", or "after_3" for three silent days
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "round", "kind"], name="a_reminder_is_sent_once")]


class WashoutOverride(models.Model):
    """Another washout for one reader before one round, and why. The latest holds; rows are only ever added."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="washout_overrides")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="washout_overrides")
    washout_days = models.FloatField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(washout_days__gte=0), name="an_override_is_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_override_says_why"),
        ]
