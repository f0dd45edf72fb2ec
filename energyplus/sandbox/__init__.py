"""The sandbox of a case: a process that may do anything enters, and can then read its model and write its folder.

Who runs a stranger's model calls `enter_sandbox` in a forked child. Linux on x86-64 or aarch64, nothing to install.
"""

from energyplus.sandbox.entry import enter_sandbox
from energyplus.sandbox.limits import apply_limits
from energyplus.sandbox.policy import SandboxPolicy
from energyplus.sandbox.probe import SandboxReport, probe_sandbox

__all__ = ["SandboxPolicy", "SandboxReport", "apply_limits", "enter_sandbox", "probe_sandbox"]
