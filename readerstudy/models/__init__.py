"""What a study remembers."""

from readerstudy.models.aid import AidShown, FrozenAid
from readerstudy.models.answer import Answer, LateAnswer
from readerstudy.models.case import Case, Dataset, PracticeCase
from readerstudy.models.reader import Arm, Reader
from readerstudy.models.reading import Reading
from readerstudy.models.study import ProtocolVersion, Round, Study

__all__ = [
    "AidShown", "Answer", "Arm", "Case", "Dataset", "FrozenAid", "LateAnswer", "PracticeCase",
    "ProtocolVersion", "Reader", "Reading", "Round", "Study",
]  # fmt: skip
