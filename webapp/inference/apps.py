from django.apps import AppConfig


class InferenceConfig(AppConfig):
    """Registered models and what they said about images."""

    name = "webapp.inference"
    label = "inference"
    default_auto_field = "django.db.models.BigAutoField"
