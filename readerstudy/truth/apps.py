from django.apps import AppConfig


class TruthConfig(AppConfig):
    """The reference standard, on a database of its own that readers' pages cannot reach."""

    name = "readerstudy.truth"
    label = "truth"
    default_auto_field = "django.db.models.BigAutoField"
