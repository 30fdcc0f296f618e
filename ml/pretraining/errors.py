"""How a training run may end other than with a model. Knows no torch, so that commands can catch these."""

STOPPED = 75  # exit status after Interrupted: all is saved, the same command with --resume goes on


class Diverged(RuntimeError):
    """A loss or gradient is no longer a finite number."""


class Interrupted(RuntimeError):
    """Asked to stop; everything is saved."""


class ResumeRefused(RuntimeError):
    """The checkpoint belongs to another run."""
