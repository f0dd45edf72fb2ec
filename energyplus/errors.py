"""The engine room's errors: what could not be read or run, where, and what to do next; other rooms catch these."""


class EnergyPlusError(Exception):
    """Base of every error raised in the engine room."""


class ModelError(EnergyPlusError):
    """A building model cannot be read or edited."""


class WeatherError(EnergyPlusError):
    """A weather file cannot be used."""


class EngineError(EnergyPlusError):
    """The engine itself is missing or unusable on this machine (never a fault of a model)."""


class SandboxError(EngineError):
    """A process cannot be sealed here; nothing runs rather than in a weaker sandbox."""


class DiskFullError(EngineError):
    """The disk of the run folder is full: no fault of the case, which may be tried again once there is room."""


class ResultsError(EnergyPlusError):
    """A results file lacks something or states a unit that is not known."""
