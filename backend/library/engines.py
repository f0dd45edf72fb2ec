"""The engines of this service, by its settings: asked for versions by the library, for engines by the stages."""

from functools import lru_cache
from typing import cast

from django.conf import settings

from energyplus.engines.catalogue import EngineCatalogue
from energyplus.engines.engine import SandboxMode


@lru_cache(maxsize=1)
def catalogue() -> EngineCatalogue:
    """Return the engines of this process; the settings have been checked when it started.

    Raises:
        energyplus.errors.EngineError: a folder or a declaration has become unusable since.
    """
    sandbox = cast("SandboxMode", settings.CASEFARM_SANDBOX)
    return EngineCatalogue(settings.CASEFARM_ENERGYPLUS, settings.CASEFARM_PROGRAMS, sandbox)
