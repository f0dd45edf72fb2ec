"""Makes folders that look like an installed EnergyPlus, with a real executable that does what a test wants of it."""

from pathlib import Path


def make_folder(
    folder: Path, script: str = "exit 0", idd: str = "!IDD_Version 23.2.0\n!IDD_BUILD 7636e6b3e9\n"
) -> Path:
    """Write a folder with `Energy+.idd` and an `energyplus` that is a shell script in the run folder.

    Args:
        folder: where; made.
        script: what the program does; its arguments are those of an engine.
        idd: the text of the data dictionary.
    """
    folder.mkdir(parents=True)
    (folder / "Energy+.idd").write_text(idd)
    program = folder / "energyplus"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return folder
