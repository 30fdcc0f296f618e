"""What the machine under a benchmark can do, measured in the same run: ratios of two runs compare only beside it."""

import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np


def print_machine(folder: Path | None = None) -> None:
    """Print CPU model, sgemm GFLOP/s and the fsync time of `folder` (default: the working directory)."""
    print(f"CPU: {cpu_model()}, {os.cpu_count()} cores")
    print(f"sgemm: {sgemm_gflops():.0f} GFLOP/s")
    print(f"fsync: {fsync_ms(folder or Path.cwd()):.2f} ms")


def cpu_model() -> str:
    """The processor's name as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def sgemm_gflops(size: int = 1024, times: int = 9) -> float:
    """Median speed of a square float32 matrix product by numpy's BLAS, on the threads that it takes."""
    a, b = np.random.default_rng(0).standard_normal((2, size, size), dtype=np.float32)
    a @ b  # starts the threads
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        a @ b
        seconds.append(time.perf_counter() - start)
    return 2 * size**3 / median(seconds) / 1e9


def fsync_ms(folder: Path, times: int = 31) -> float:
    """Median time to append 4 KiB to a file in `folder` and force it to the disk."""
    block, milliseconds = os.urandom(4096), []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(block)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            milliseconds.append((time.perf_counter() - start) * 1e3)
    return median(milliseconds)
