from django.apps import AppConfig


class ReaderStudyConfig(AppConfig):
    """The reader study's own tables. Truth is another app on another database."""

    name = "readerstudy"
    label = "readerstudy"
    default_auto_field = "django.db.models.BigAutoField"
