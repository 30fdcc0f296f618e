"""How much dearer is a whole plan, with draw, batches, arms and slots, than shuffling the same lists?

    python benchmarks/plan.py [--readers 1000] [--cases 1000] [--times 3]

Draws the plan of a two-round crossover for every reader, slot by slot as a service writes them, and in turn shuffles as
many lists of the same cases with one random stream and nothing else, so that noise hits both. Prints seconds, slots a
second and peak memory, and, last, the ratio of median times.
"""

import argparse
import random
import sys
import time
import tracemalloc
from pathlib import Path
from statistics import median
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.machine import print_machine
from readerstudy.protocol import presets
from readerstudy.protocol.allocation import arm_of
from readerstudy.protocol.batches import PlannedCase, drawn_cases, reader_batches
from readerstudy.protocol.plan import reader_plan

PRESET = "crossover"  # two rounds, two arms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--times", type=int, default=3, help="runs of each side")
    asked = parser.parse_args()
    print_machine()
    ids = [UUID(int=random.Random(n).getrandbits(128)) for n in range(asked.cases)]
    bare, whole, slots = [], [], 0
    for _ in range(asked.times):
        bare.append(_seconds(lambda: shuffles(ids, asked.readers))[0])
        seconds, slots = _seconds(lambda: plan(ids, asked.readers))
        whole.append(seconds)
    print(f"plan: {slots} slots, {asked.readers} readers x {asked.cases} cases x 2 rounds")
    print(
        f"seconds: {median(whole):.2f} ({slots / median(whole):.0f} slots a second); shuffles alone {median(bare):.2f}"
    )
    print(f"peak memory of the plan of 20 readers: {_peak_mib(ids, 20):.1f} MiB; of 200: {_peak_mib(ids, 200):.1f} MiB")
    print(f"plan ratio {median(whole) / median(bare):.2f}")


def plan(ids: list[UUID], readers: int) -> int:
    """Draw and plan everything as a service does, holding one reader's slots at a time. Returns the number of slots."""
    design = presets.load(PRESET).design
    cases = drawn_cases((PlannedCase(one, "A") for one in ids), design=design, seed=1)
    slots = 0
    for reader in range(1, readers + 1):
        arm = arm_of(design, seed=1, stratum=("",), place=reader - 1)
        batches = reader_batches(cases, design=design, seed=1, reader=reader)
        slots += len(list(reader_plan(batches, design=design, seed=1, reader=reader, arm=arm)))
    return slots


def shuffles(ids: list[UUID], readers: int) -> int:
    """Two shuffled lists a reader, and nothing else."""
    rng, positions = random.Random(1), 0
    for _ in range(2 * readers):
        order = list(ids)
        rng.shuffle(order)
        positions += len(order)
    return positions


def _seconds(work) -> tuple[float, int]:  # type: ignore[no-untyped-def]
    begin = time.perf_counter()
    made = work()
    return time.perf_counter() - begin, made


def _peak_mib(ids: list[UUID], readers: int) -> float:
    """The highest memory that Python held while so many readers were planned: it must not grow with them."""
    tracemalloc.start()
    plan(ids, readers)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


if __name__ == "__main__":
    main()
