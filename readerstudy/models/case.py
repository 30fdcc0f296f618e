from uuid import uuid4

from django.db import models

from readerstudy.models.study import Study


class Dataset(models.Model):
    """Where cases come from, and the diagnoses that a reader may choose for them. Its name never reaches a reader."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=80)
    classes = models.JSONField(default=list)  # labels in alphabetical order: tells nothing about prevalence

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "name"], name="one_dataset_per_name")]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """What is read at once: one image, or several. Its truth lives in another database under the same random id."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="cases")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="cases")
    image = models.ForeignKey("imagery.Image", on_delete=models.PROTECT, related_name="+")
    drawn = models.BooleanField(default=False)  # set once at launch
    attributes = models.JSONField(default=dict, blank=True)  # age, sex, site, history: shown only where a stage says so

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "image"], name="one_case_per_image")]


class CaseImage(models.Model):
    """A further image of a case: a photograph beside the dermoscopy, a later visit. `Case.image` is the first."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="further_images")
    image = models.ForeignKey("imagery.Image", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()  # from 2
    kind = models.CharField(max_length=40, blank=True)  # "dermoscopy", "photograph": told to readers

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["case", "position"], name="one_image_per_position")]


class PracticeCase(models.Model):
    """A case to practise on. It carries its own public answer, so practice needs no truth; no live case may be one."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="practice_cases")
    image = models.ForeignKey("imagery.Image", on_delete=models.PROTECT, related_name="+")
    classes = models.JSONField()
    answer = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "image"], name="one_practice_case_per_image")]
