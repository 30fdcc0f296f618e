"""Statistics of reader studies: pure numpy and scipy, usable without Django. Definitions: docs/statistics.md."""
