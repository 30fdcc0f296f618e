from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    """The study administrator's pages."""

    name = "readerstudy.administration"
    label = "administration"
