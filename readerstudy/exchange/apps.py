from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Everything that enters or leaves a study as a file."""

    name = "readerstudy.exchange"
    label = "exchange"

    def ready(self) -> None:
        from readerstudy.exchange.orphans import truth_without_case  # models are there only now
        from webapp.audit.chains import register_remarks

        register_remarks(truth_without_case)
