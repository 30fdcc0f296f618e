"""Check a bundle with nothing but the standard library: `python -m readerstudy.exchange.verify bundle.zip`."""

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START = "0" * 64
EVENT = ("chain", "index", "at", "kind", "about", "by", "content", "previous_hash")


def faults(path: Path) -> list[str]:
    """One sentence for everything that does not fit; empty for a sound bundle. Raises OSError, BadZipFile."""
    with zipfile.ZipFile(path) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    found = [*_sums(files)]
    if not found:
        found = [*_lock(files), *_seed(files), *_events(files)]
    return found


def _sums(files: dict[str, bytes]) -> Iterator[str]:
    if "SHA256SUMS" not in files:
        yield "SHA256SUMS is missing: this is no bundle of a study."
        return
    listed = dict(reversed(line.split("  ", 1)) for line in files["SHA256SUMS"].decode().splitlines())
    for name in sorted(set(files) - set(listed) - {"SHA256SUMS"}):
        yield f"{name} is not listed in SHA256SUMS."
    for name, sha256 in listed.items():
        if name not in files:
            yield f"{name} is missing."
        elif hashlib.sha256(files[name]).hexdigest() != sha256:
            yield f"{name} was changed: its hash is not the one in SHA256SUMS."


def _lock(files: dict[str, bytes]) -> Iterator[str]:
    signed = _protocol(files)["database_lock"]["readings_sha256"]
    found = hashlib.sha256(files["lock.jsonl"]).hexdigest()
    if found != signed:
        yield f"lock.jsonl has the hash {found}, but {signed} was signed."
    locked = [json.loads(one["content"]) for one in _lines(files) if one["kind"] == "study.locked"]
    if [one.get("readings_sha256") for one in locked] != [signed]:
        yield "The event study.locked does not name the signed hash."


def _seed(files: dict[str, bytes]) -> Iterator[str]:
    protocol = _protocol(files)
    if hashlib.sha256(str(protocol["seed"]).encode()).hexdigest() != protocol["seed_sha256"]:
        yield f"The seed {protocol['seed']} does not have the published hash."


def _events(files: dict[str, bytes]) -> Iterator[str]:
    index, last = {}, {}
    for one in _lines(files):
        chain = one["chain"]
        if one["index"] != index.get(chain, 0):
            yield f"{chain}: event {index.get(chain, 0)} is missing."
        elif one["previous_hash"] != last.get(chain, START):
            yield f"{chain}: event {one['index']} does not follow the one before it."
        parts = json.dumps([one[name] for name in EVENT], ensure_ascii=False)
        if hashlib.sha256(parts.encode()).hexdigest() != one["hash"]:
            yield f"{chain}: event {one['index']} ({one['kind']}) was changed."
        index[chain], last[chain] = one["index"] + 1, one["hash"]


def _protocol(files: dict[str, bytes]) -> dict[str, Any]:
    return json.loads(files["protocol.json"])


def _lines(files: dict[str, bytes]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files["events.jsonl"].decode().splitlines()]


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Name one bundle: python -m readerstudy.exchange.verify bundle.zip", file=sys.stderr)
        return 2
    found = faults(Path(arguments[0]))
    print("\n".join(found) or "Sound: files, lock, seed and events fit.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
