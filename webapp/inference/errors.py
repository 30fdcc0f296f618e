"""What the registry and the worker refuse. Each message tells the person who asked what to do."""


class InferenceError(Exception):
    """Base of the room's errors; str() is a sentence for people."""


class ModelRefused(InferenceError):
    """The folder holds no model that we can trust. Nothing was registered or predicted."""


class UnknownDataset(InferenceError):
    """The model was never taught this data set's classes. Nothing was queued."""


class NotPredicted(InferenceError):
    """Some images of a batch could not be read; all others were predicted and are kept."""
