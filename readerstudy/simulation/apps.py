from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Simulated readers. They know the truth and answer over HTTP only."""

    name = "readerstudy.simulation"
    label = "simulation"
