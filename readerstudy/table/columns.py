"""The tidy readings table's columns, each with its codebook line: the seam between the site and the statistics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `required`: a file without it cannot be read; `standard`: always written."""

    name: str
    values: str
    meaning: str
    required: bool = False
    standard: bool = True


COLUMNS: tuple[Column, ...] = (
    Column("study", "text", "The study's short name; one study a file in an analysis.", required=True),
    Column("reader", "text", "The reader's pseudonym, the same in every round.", required=True),
    Column(
        "experience_years",
        "number from 0, or empty",
        "Years of experience at the start of the study, the same in all rows of a reader. "
        "Empty: the reader counts in `all` and in no experience group.",
    ),
    Column(
        "round",
        "1, 2, ...",
        "The round of the study. The stages of one reading are written as rounds 1, 2, ...; `stage` names them.",
        required=True,
    ),
    Column(
        "modality",
        "unaided, aided, or another modality's name",
        "The reading condition: whether the AI's output was shown. `aided_faulty` is an aid that was made to be wrong.",
        required=True,
    ),
    Column("case", "text", "The case that was read.", required=True),
    Column(
        "dataset",
        "text",
        "The data set of the case. Its class list is every label seen in truth, answer or ai_answer.",
        required=True,
    ),
    Column(
        "truth",
        "text, or empty",
        "The reference diagnosis, the same in all rows of a case. Empty: a case that counts in agreement only.",
        required=True,
    ),
    Column(
        "answer",
        "text, or empty",
        "The reader's diagnosis; empty unless the status is `answered`, and where a study without truth asks none.",
        required=True,
    ),
    Column("confidence", "0 to 1, or empty", "How sure the reader was; five keys give 0, 0.25, 0.5, 0.75, 1."),
    Column(
        "ai_answer",
        "text, or empty",
        "The frozen AI answer for that case and arm, in every round wherever known, shown or not.",
    ),
    Column("presented_at", "ISO 8601, UTC", "When the image was on the screen (the server's clock)."),
    Column("answered_at", "ISO 8601, UTC", "When the answer arrived at the server."),
    Column(
        "time_ms",
        "milliseconds from 0, or empty",
        "Reaction time from image to answer, by the browser; the server's where the browser's was not usable.",
    ),
    Column(
        "status",
        "answered, timeout, technical, missing",
        "How the reading ended. A time-out counts as wrong by default; technical and missing readings are left out.",
        required=True,
    ),
    Column("position", "1, 2, ..., or empty", "Place of the case in this reader's order of this round."),
    Column("group", "text, or empty", "A group of readers named by the study, beside experience.", standard=False),
    Column(
        "session",
        "text, or empty",
        "One batch of a reader's readings; part of the key, so that a repeated reading is no duplicate.",
        standard=False,
    ),
    Column("arm", "text, or empty", "The arm that the reader was allocated to.", standard=False),
    Column(
        "stage",
        "text, or empty",
        "The name of the stage, where one reading has several (first, final). A stage that was not due, because its "
        "prompt comes on disagreement only, carries the answer before it, without a time.",
        standard=False,
    ),
    Column("answer_2", "text, or empty", "The reader's second choice, where a ranked list is asked.", standard=False),
    Column("answer_3", "text, or empty", "The reader's third choice.", standard=False),
    Column("answer_4", "text, or empty", "The reader's fourth choice.", standard=False),
    Column("answer_5", "text, or empty", "The reader's fifth choice.", standard=False),
    Column("management", "text, or empty", "What the reader would do next (excise, follow up, ...).", standard=False),
    Column(
        "score",
        "number, or empty",
        "A rating on a scale, for ROC analyses (larger means more diseased), or the mean grade of the answer.",
        standard=False,
    ),
)

KEY: tuple[str, ...] = ("study", "reader", "session", "round", "case")
KNOWN: frozenset[str] = frozenset(column.name for column in COLUMNS)
STANDARD: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.standard)
REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)


def codebook(unknown: tuple[str, ...] = ()) -> str:
    """The codebook as Markdown, one table line a column; columns of nobody's definition are named last."""
    lines = ["| Column | Values | Meaning |", "|---|---|---|"]
    lines += [f"| `{column.name}` | {column.values} | {column.meaning} |" for column in COLUMNS]
    lines += [
        f"| `{name}` | as given | Not a column of this table's definition; kept as it came. |" for name in unknown
    ]
    return "\n".join(lines) + "\n"
