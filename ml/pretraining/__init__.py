"""Pretraining of the DermINO encoder, and the command that makes a finished model of it. No torch until it trains."""

from ml.pretraining.run import Overrides, Trained, train

__all__ = ["Overrides", "Trained", "train"]
