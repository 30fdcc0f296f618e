"""The columns of every CSV file in a bundle, each with its codebook line. Nothing is written that is not named here."""

from dataclasses import dataclass

from readerstudy.table import COLUMNS


@dataclass(frozen=True, slots=True)
class BundleColumn:
    name: str
    values: str
    meaning: str


def _columns(*lines: tuple[str, str, str]) -> tuple[BundleColumn, ...]:
    return tuple(BundleColumn(*line) for line in lines)


TIDY = tuple(BundleColumn(one.name, one.values, one.meaning) for one in COLUMNS)
READING = _columns(
    ("reading", "uuid", "The reading; the same in its stages, in answers.csv and in lock.jsonl."),
    ("study_version", "1, 2, ...", "The protocol version in force when the reading was started."),
    ("protocol_sha256", "hex", "The hash of that version."),
    ("app_version", "text", "The version of this software that wrote the bundle."),
    ("order_seed", "integer", "The seed of the whole plan, revealed by the database lock."),
    ("order_algorithm", "text", "How the plan is drawn from the seed."),
    ("readings_origin", "simulated, or empty", "`simulated`: a program answered, no person read the case."),
    ("is_practice", "0, 1", "A practice case; never 1 here, practice is kept out."),
    ("is_attention", "0, 1", "An attention check; those stand in attention.csv."),
    ("is_repeat", "0, 1", "A hidden repeat of a case, for agreement with oneself."),
    ("occurrence", "1, 2", "Which presentation of the case to this reader in this round and session."),
    ("issued_at", "ISO 8601, UTC", "When the server gave the reading to the browser (last time)."),
    ("started_at", "ISO 8601, UTC", "When the stage's start arrived at the server."),
    ("shown_at", "ISO 8601, UTC", "When the image was on screen, at most the cap after the start."),
    ("closed_at", "ISO 8601, UTC", "When the stage ended."),
    ("limit_ms", "milliseconds", "The time that the stage allowed this reader."),
    ("grace_ms", "milliseconds", "What an answer may arrive late, for the network."),
    ("client_rt_ms", "milliseconds", "Reaction time by the browser's clock, from paint to the committing press."),
    ("first_choice_rt_ms", "milliseconds", "The same to the first choice."),
    ("n_changes", "integer", "How often a choice was changed before it was committed."),
    ("server_ms", "milliseconds", "Shown to arrival by the server's clock."),
    ("onset_method", "text", "How the browser knew that the image was painted."),
    ("load_ms", "milliseconds", "Loading the image; never charged to the reader."),
    ("decode_ms", "milliseconds", "Decoding the image; never charged to the reader."),
    ("late_answer", "text", "What came too late, or the draft at the time-out. Never an answer."),
    ("late_by_ms", "milliseconds", "How late it came after limit and grace; negative: a draft sent in time."),
    ("draft_at_timeout", "0, 1", "The late content was the draft when time ran out."),
    ("reload_count", "integer", "How often the page was loaded again while the clock ran."),
    ("technical_failures", "integer", "How often the image could not be shown."),
    ("hidden_ms", "milliseconds", "How long the page was not visible."),
    ("blur_count", "integer", "How often the window lost the focus."),
    ("zoom_max", "number", "The largest enlargement."),
    ("zoom_ms", "milliseconds", "How long the image was enlarged."),
    ("tone_changed", "true, false", "Brightness or contrast was changed."),
    ("overlay_toggles", "integer", "How often the AI's outline was switched."),
    ("input_type", "text", "The device that committed the answer."),
    ("viewport", "text", "Size of the window, in CSS pixels."),
    ("dpr", "number", "Device pixels a CSS pixel."),
    ("client_clock_offset_ms", "milliseconds", "Browser's clock less the server's; nothing rests on it."),
    ("ai_source", "text", "The set of AI output that was shown in this stage; empty: none was."),
    ("ai_requested", "0, 1", "The reader asked for it."),
    ("ai_model_id", "text", "The model behind it; empty for simulated output."),
    ("ai_weights_sha256", "hex", "The hash of its weights."),
    ("ai_output_sha256", "hex", "The hash of the frozen output."),
    ("ai_topk_shown", "labels joined by |", "The diagnoses that the modality showed, best first."),
    ("ai_mask_sha256", "hex", "The outline that was shown."),
    ("gap_days_same_image", "days", "Since this reader saw this case in the round before."),
    ("washout_days_reader", "days", "From this reader's last reading of the round before to the first of this round."),
    ("flags", "words joined by |", "time_multiplier, clock_mismatch, carried_forward, technical_retry, reloaded."),
)  # fmt: skip
APART = _columns(("why", "text", "Why the reading stands in no table of results."))
ANSWERS = _columns(
    ("study", "text", "The study's short name."),
    ("reader", "text", "The reader's pseudonym."),
    ("reading", "uuid", "The reading."),
    ("round", "1, 2, ...", "As in readings.csv: stages count as rounds."),
    ("stage", "text", "The stage's name; empty where a reading has one stage."),
    ("session", "1, 2, ...", "The reader's batch."),
    ("case", "uuid", "The case."),
    ("occurrence", "1, 2", "2: the hidden repeat."),
    ("question", "text", "The question's name in protocol.json."),
    ("value", "text or JSON", "The answer; lists and rectangles as JSON."),
    ("arrived_at", "ISO 8601, UTC", "When it arrived."),
    ("counted", "0, 1", "0: the reading stands in readings_apart.csv, or the answer came late."),
    ("late", "0, 1", "1: it came after the time was over; never an answer."),
)
READERS = _columns(
    ("reader", "text", "The pseudonym."),
    ("arm", "text", "The arm."),
    ("group", "text", "The study's own group of the reader."),
    ("experience_years", "number", "Years of experience at the start."),
    ("time_multiplier", "number", "Approved factor on every time limit; 1 for most."),
    ("consent_version", "1, 2, ...", "The consent text that was signed."),
    ("consent_sha256", "hex", "Its hash."),
    ("enrolled_at", "ISO 8601, UTC", "When the reader was enrolled."),
    ("consented_at", "ISO 8601, UTC", "When consent was given."),
    ("allocated_at", "ISO 8601, UTC", "When the arm was allocated."),
    ("withdrawn_at", "ISO 8601, UTC", "When the reader withdrew."),
    ("profile", "JSON", "What the reader told before allocation, by variable."),
)
ORDER = _columns(
    ("reader", "text", "The pseudonym."),
    ("session", "1, 2, ...", "The reader's batch."),
    ("round", "1, 2, ...", "The round of the plan (not of its stages)."),
    ("position", "1, 2, ...", "Place in the reader's order; a failed image moves once to the end."),
    ("case", "uuid", "The case; empty for an attention check."),
    ("occurrence", "1, 2", "2: the hidden repeat."),
    ("counted", "0, 1", "0: planned as practice or check."),
    ("is_attention", "0, 1", "A hidden attention check."),
    ("modalities", "names joined by |", "The modality of each stage."),
)
ATTENTION = _columns(
    ("reader", "text", "The pseudonym."),
    ("session", "1, 2, ...", "The reader's batch."),
    ("round", "1, 2, ...", "The round of the plan."),
    ("position", "1, 2, ...", "Place in the reader's order."),
    ("expected", "text", "The public answer of the check."),
    ("answer", "text", "What was answered."),
    ("state", "text", "How the reading ended."),
)
EXCLUSIONS = _columns(
    ("kind", "reader, case, reading", "What was decided on."),
    ("target", "text", "The reader's pseudonym, or the id of the case or reading."),
    ("decision", "excluded, kept", "The latest decision on a target holds."),
    ("reason", "text", "Why."),
    ("at", "ISO 8601, UTC", "When; always before the database lock."),
    ("by", "id", "Who, by the id of the audit chain; empty: the system."),
)
IMRMC = _columns(
    ("readerID", "text", "The pseudonym; `truth` in truth rows."),
    ("caseID", "text", "The case; fake-1 to fake-5 are the negatives that make AUC the accuracy."),
    ("modalityID", "text", "Round and modality; `truth` in truth rows."),
    ("score", "number", "1 right, 0 wrong, 0.5 fake negative; truth rows: 1 a case, 0 a fake negative."),
)
CODEBOOK = _columns(
    ("file", "text", "The file."), ("column", "text", "The column."), ("values", "text", "What may stand in it."),
    ("meaning", "text", "What it is."),
)  # fmt: skip

FILES: dict[str, tuple[BundleColumn, ...]] = {
    "readings.csv": TIDY + READING,
    "readings_apart.csv": APART + TIDY + READING,
    "answers.csv": ANSWERS,
    "readers.csv": READERS,
    "order.csv": ORDER,
    "attention.csv": ATTENTION,
    "exclusions.csv": EXCLUSIONS,
    "imrmc.csv": IMRMC,
    "codebook.csv": CODEBOOK,
}
