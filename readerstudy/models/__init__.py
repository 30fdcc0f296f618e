"""What a study remembers."""

from readerstudy.models.aid import AidShown, FrozenAid
from readerstudy.models.answer import Answer, LateAnswer
from readerstudy.models.case import Case, CaseImage, Dataset, PracticeCase
from readerstudy.models.consent import ConsentVersion
from readerstudy.models.exclusion import Exclusion
from readerstudy.models.grading import Coding, Grade, Grader
from readerstudy.models.preset import SavedPreset
from readerstudy.models.reader import Arm, Batch, Reader
from readerstudy.models.reading import PassedStage, Reading
from readerstudy.models.reminder import ReminderSent, WashoutOverride
from readerstudy.models.signature import Signature, Unblinding
from readerstudy.models.study import ProtocolVersion, Round, Study
from readerstudy.models.study_role import StudyRole

__all__ = [
    "AidShown", "Answer", "Arm", "Batch", "Case", "CaseImage", "Coding", "ConsentVersion", "Dataset", "Exclusion",
    "FrozenAid", "Grade", "Grader", "LateAnswer", "PassedStage", "PracticeCase", "ProtocolVersion", "Reader",
    "Reading", "ReminderSent", "Round", "SavedPreset", "Signature", "Study", "StudyRole", "Unblinding",
    "WashoutOverride",
]  # fmt: skip
