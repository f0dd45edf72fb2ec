"""Child processes that inherit nothing and cannot outlive their parent, for the engine and for reading models."""

from pathlib import Path


def child_environment() -> dict[str, str]:
    """The whole environment of a child: nothing of the parent's but what Python needs to find this package.

    Secrets in the parent's environment must not be readable by a stranger's model.
    """
    root = str(Path(__file__).resolve().parent.parent)
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": root,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSAFEPATH": "1",
    }
