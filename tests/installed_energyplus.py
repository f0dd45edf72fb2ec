"""An installed EnergyPlus 23.2 for tests: the real library of that version, started by a script.

Its makers' installer is not on the package index; the library is. The folder looks like an installation: `energyplus`,
`Energy+.idd`, the library beside them. Made once, by `make test` or by the first test that asks for it.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / ".venv" / "EnergyPlus-23-2-0"
_REQUIREMENTS = REPOSITORY / "tests" / "fixtures" / "energyplus-23.2.txt"
_WANTED = ("libenergyplusapi.so", "RefBldgSmallOfficeNew2004_Chicago.idf")

_PROGRAM = """#!{python} -IS
import ctypes, pathlib, sys

library = ctypes.CDLL(str(pathlib.Path(__file__).with_name("libenergyplusapi.so")))
library.stateNew.restype = ctypes.c_void_p
library.energyplus.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
arguments = [b"energyplus", *(word.encode() for word in sys.argv[1:])]
sys.exit(library.energyplus(library.stateNew(), len(arguments), (ctypes.c_char_p * len(arguments))(*arguments)))
"""


def install_energyplus() -> Path:
    """Return the folder of EnergyPlus 23.2; downloads 46 MB the first time."""
    if not (FOLDER / "energyplus").is_file():
        with tempfile.TemporaryDirectory() as downloads:
            download = ("download", "-qq", "--disable-pip-version-check", "--no-deps", "--require-hashes")
            subprocess.run(
                [sys.executable, "-m", "pip", *download, "-r", str(_REQUIREMENTS), "-d", downloads], check=True
            )
            (wheel,) = Path(downloads).glob("*.whl")
            _unpack(wheel)
    return FOLDER


def _unpack(wheel: Path) -> None:
    from energyplus.models.idd import render_idd

    FOLDER.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if Path(name).name in _WANTED:
                (FOLDER / Path(name).name).write_bytes(archive.read(name))
    (FOLDER / "Energy+.idd").write_text(render_idd("23.2"), encoding="ascii", errors="replace")
    program = FOLDER / "energyplus"  # last: it says that all the rest is there
    interpreter = Path(sys.executable).resolve()
    program.with_suffix(".incoming").write_text(_PROGRAM.format(python=interpreter))
    program.with_suffix(".incoming").chmod(0o755)
    program.with_suffix(".incoming").rename(program)


if __name__ == "__main__":
    install_energyplus()
