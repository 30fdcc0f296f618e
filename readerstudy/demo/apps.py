from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A site to try: the replica of the paper's study, a live study, and three people to be."""

    name = "readerstudy.demo"
    label = "demo"
