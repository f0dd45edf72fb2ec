"""What every test may ask for: `farm`, the whole service in a temporary home."""

from hypothesis import settings

pytest_plugins = ["tests.farm", "tests.s3_server"]

# Speed is shown by benchmarks: no example fails for being slow on a machine with other work.
settings.register_profile("suite", parent=settings.default, deadline=None)
settings.load_profile("suite")
