"""A fake engine: a real executable, called like the child of the engine room, that misbehaves as its first word says.

engine.py WORD ARGUMENT MODEL WEATHER LARGEST_FILE_BYTES, in the run folder. ARGUMENT is a folder with a run's files.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path


def main(word: str, argument: str, largest_file_bytes: int) -> int:
    if word == "sleep":
        helper = subprocess.Popen(["/bin/sleep", "300"])
        Path(argument).write_text(f"{helper.pid} {os.getpid()}")
        signal.pause()
    if word == "crash":
        shutil.copytree(argument, ".", symlinks=True, dirs_exist_ok=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    if word == "flood":
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file_bytes, largest_file_bytes))
        with Path("eplusout.err").open("w") as stream:
            while True:
                stream.write("   ** Warning ** the same again\n" * 100)
    if word == "environment":
        Path("eplusout.err").write_text("".join(f"   ** Severe  ** {entry}\n" for entry in sorted(os.environ)))
        return 1
    if word == "mumble":
        sys.stdout.write("library not found")
        return 4
    if word == "copy":
        shutil.copytree(argument, ".", symlinks=True, dirs_exist_ok=True)
        Path("eplusout.audit").write_text("left behind")
        Path("folder").mkdir()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[-1])))
