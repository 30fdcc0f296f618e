from django.apps import AppConfig


class ReaderStudyConfig(AppConfig):
    """The reader study's own tables. Truth is another app on another database."""

    name = "readerstudy"
    label = "readerstudy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from readerstudy.selectors.case_image import images_of_study  # models are there only now
        from readerstudy.selectors.lock import broken_locks
        from readerstudy.services.study_images import refuse_running_study
        from webapp.audit.chains import register_breaks
        from webapp.imagery.guards import register_guard
        from webapp.inference.exclusions import register_finder

        register_breaks(broken_locks)
        register_guard(refuse_running_study)
        register_finder(images_of_study)
