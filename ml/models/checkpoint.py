"""Tensors and plain values on the disk: safetensors and JSON, never pickles; whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file, save_file
from torch import Tensor

POINTER = "latest"
KEPT = 2


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write a safetensors file by way of a temporary one, forced to the disk."""
    part = path.with_name(f"tmp-{path.name}")
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in sorted(tensors.items())}, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


def write_json(path: Path, content: object) -> None:
    """Write JSON by way of a temporary file."""
    part = path.with_name(f"tmp-{path.name}")
    part.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def sha256_of(path: Path) -> str:
    """The file's sha256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save_step(folder: Path, step: int, tensors: Mapping[str, Tensor], facts: Mapping[str, object]) -> Path:
    """Write checkpoint `step` and move the pointer `latest` to it; the one before is kept, older ones go."""
    name = f"step-{step:07d}"
    part = folder / f"tmp-{name}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    save_tensors(part / "state.safetensors", tensors)
    write_json(part / "facts.json", {**facts, "step": step})
    shutil.rmtree(folder / name, ignore_errors=True)
    part.replace(folder / name)
    pointer = folder / f"tmp-{POINTER}"
    pointer.write_text(name)
    pointer.replace(folder / POINTER)
    for old in sorted(folder.glob("step-*"))[:-KEPT]:
        shutil.rmtree(old)
    return folder / name


def load_latest(folder: Path) -> tuple[dict[str, Tensor], dict[str, object]] | None:
    """Tensors and facts of the checkpoint that `latest` names; None if there is none."""
    pointer = folder / POINTER
    if not pointer.exists():
        return None
    found = folder / pointer.read_text().strip()
    return load_file(found / "state.safetensors"), json.loads((found / "facts.json").read_text(encoding="utf-8"))
