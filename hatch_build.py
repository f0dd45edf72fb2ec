"""Builds the pages into the wheel: `npm ci` and `npm run build` where `backend/pages/dist` has not been built yet."""

import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel is packed. An editable install serves the checkout's own build and needs none here."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages unless they are there.

        Raises:
            subprocess.CalledProcessError: npm failed.
        """
        root = Path(self.root)
        if version == "editable" or (root / "backend" / "pages" / "dist" / "index.html").is_file():
            return
        path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ["PATH"]))
        for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run(["npm", *step], cwd=root / "frontend", env={**os.environ, "PATH": path}, check=True)
