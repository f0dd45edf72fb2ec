"""What every test may ask for: `farm`, the whole service in a temporary home."""

pytest_plugins = ["tests.farm"]
