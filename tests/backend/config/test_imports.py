"""Which processes bring torch: none but a worker for surrogates, and that one with its first task."""

import os
import subprocess
import sys

import pytest

HEAVY = ("torch", "lightgbm", "sklearn", "safetensors")
PROCESSES = {
    "the web service": "import config.asgi",
    "every worker": "from config.celery import app; app.loader.import_default_modules(); app.finalize()"
    "; assert 'surrogates.train_surrogate' in app.tasks and 'batches.simulate_case' in app.tasks",
    "the command": "import casefarm.cli, casefarm.local.stack; assert casefarm.local.process_plans.can_train()",
}


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_starts_without_torch(process: str) -> None:
    look = f"import sys; {PROCESSES[process]}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    settings = {"CASEFARM_SECRET_KEY": "x", "DATABASE_URL": "postgres://x/y", "REDIS_URL": "redis://127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": "backend:.", **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
