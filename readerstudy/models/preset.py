from django.conf import settings
from django.db import models


class SavedPreset(models.Model):
    """A preset that this site keeps beside those of the product: the text of its TOML file."""

    name = models.SlugField(unique=True)
    text = models.TextField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
