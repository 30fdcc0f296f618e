"""What a study remembers."""

from readerstudy.models.aid import AidShown, FrozenAid
from readerstudy.models.answer import Answer, LateAnswer
from readerstudy.models.case import Case, CaseImage, Dataset, PracticeCase
from readerstudy.models.preset import SavedPreset
from readerstudy.models.reader import Arm, Batch, Reader
from readerstudy.models.reading import PassedStage, Reading
from readerstudy.models.study import ProtocolVersion, Round, Study

__all__ = [
    "AidShown", "Answer", "Arm", "Batch", "Case", "CaseImage", "Dataset", "FrozenAid", "LateAnswer", "PassedStage",
    "PracticeCase", "ProtocolVersion", "Reader", "Reading", "Round", "SavedPreset", "Study",
]  # fmt: skip
