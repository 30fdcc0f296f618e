from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Everything that enters or leaves a study as a file."""

    name = "readerstudy.exchange"
    label = "exchange"
