class AssistanceError(Exception):
    """What the second look refuses; str() is a sentence for people."""


class NoModel(AssistanceError):
    """No model is promoted, so nobody could answer. Nothing was saved."""
