"""What a service refuses, in words for the person who asked. Pages and the API show `message` as it is."""


class Refused(Exception):
    """Base of all. `code` is for programs, the message for people."""

    code = "refused"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class LeaseLost(Refused):
    """Another window of the same reader took over."""

    code = "lease_lost"


class ReadingClosed(Refused):
    """The reading has its outcome; nothing can change it."""

    code = "closed"


class NotAReader(Refused):
    """The person takes no part in this study."""

    code = "not_a_reader"


class StudyFrozen(Refused):
    """The study was launched: its protocol cannot change."""

    code = "frozen"


class NotReady(Refused):
    """Something is missing before this can happen. `details["faults"]` lists all of it."""

    code = "not_ready"
