from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "webapp.work"

    def ready(self) -> None:
        import webapp.celery  # noqa: F401 - else the web process would ring at Celery's default broker
