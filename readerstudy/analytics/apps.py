from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """The results pages and the `analyze_readings` command."""

    name = "readerstudy.analytics"
    label = "analytics"
