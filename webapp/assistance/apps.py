from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    """The clinician's second look."""

    name = "webapp.assistance"
    label = "assistance"
