"""Finds the files that a local model refers to, beside it; the client uploads them with the model."""

from pathlib import Path


def find_attachments(model: Path) -> list[Path]:
    """Return the files that lie beside a model and that it refers to by their bare names.

    What is missing, or named with a folder, is left to the service: it refuses the model and says what to do.

    Args:
        model: an IDF or epJSON file. One that cannot be read has no attachments.
    """
    from energyplus.errors import ModelError  # here, so that the command starts quickly
    from energyplus.models.description import describe_model
    from energyplus.models.judgement import find_files_beside
    from energyplus.models.schema import known_versions

    try:
        return list(find_files_beside(model, describe_model(model, known_versions())).values())
    except ModelError:
        return []
