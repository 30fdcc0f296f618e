from django.apps import AppConfig


class ReadingRoomConfig(AppConfig):
    """The reader's pages and their JSON API."""

    name = "readerstudy.readingroom"
    label = "readingroom"
