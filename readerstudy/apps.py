from django.apps import AppConfig


class ReaderStudyConfig(AppConfig):
    """The reader study's own tables. Truth is another app on another database."""

    name = "readerstudy"
    label = "readerstudy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from readerstudy.services.study_images import refuse_running_study  # models are there only now
        from webapp.imagery.guards import register_guard

        register_guard(refuse_running_study)
