"""The words that go with a bundle: what each file is, and how to check it without this software."""

from readerstudy.models import Study

SIMULATED = (
    "SIMULATED READERS: programs answered in this study. No person read a case. No result of it is evidence.\n\n"
)
TEXT = """{simulated}{title}
Written by {app}. Research use only.

Ethics committee: {committee}
Ethics number: {number}
Registration: {registration}
Readings locked: {locked}

FILES
readings.csv        one row for each reader, case and round; a stage of a reading counts as a round ({rows} rows, of
                    which {missing} were never read). Analyse it: manage.py analyze_readings readings.csv
readings_apart.csv  readings that stand in no result, and why: hidden repeats, practice, exclusions, withdrawals
answers.csv         every answer to every question, late ones too
readers.csv         readers by pseudonym
order.csv           the plan as it was stored: who reads what, in which order and modality
attention.csv       attention checks
exclusions.csv      decisions on what does not count, made blind to results
imrmc.csv           right and wrong for iMRMC; five negatives scored 0.5 turn its AUC into the share right
codebook.csv        every column of every file
protocol.json       every version of the protocol with its hash, the seed of the plan, the database lock
report.json         the analysis, schema dermino.analysis/1
events.jsonl        what happened, as hash chains
lock.jsonl          what the database lock signed
SHA256SUMS          the hash of each file above

CHECK IT
1. Files: sha256sum -c SHA256SUMS
2. Readings: the SHA-256 of lock.jsonl is readings_sha256 in protocol.json and in the event study.locked.
   lock.jsonl holds a JSON object a line: keys sorted, no spaces, UTF-8, a line feed after each; protocol and consent
   versions by number, all other rows by id; times in UTC with microseconds.
3. Seed: the SHA-256 of the seed, written in decimal, is seed_sha256 in protocol.json; it was published at the launch.
4. Events: in each chain the indexes count from 0, previous_hash is the hash of the event before (64 zeros for the
   first), and hash is the SHA-256 of this list as JSON, written with ", " between its entries, in UTF-8 and without
   escapes for letters that are not ASCII:
   [chain, index, at, kind, about, by, content, previous_hash]
   at is in UTC with microseconds (+00:00), about is "" where there is none, content is the text as it stands.
   Events of exports at the end of the study's chain are left off, so that two exports are the same file.
"""


def readme(study: Study, *, app_version: str, rows: int, missing: int) -> str:
    return TEXT.format(
        simulated=SIMULATED if study.simulated else "",
        title=study.title,
        app=app_version,
        committee=study.registration.get("ethics_committee") or "not given",
        number=study.registration.get("ethics_number") or "not given",
        registration=study.registration.get("registration") or "not given",
        locked=f"{study.locked_at:%Y-%m-%d %H:%M} UTC",
        rows=rows,
        missing=missing,
    )
