"""Reads the Dockerfiles in `docker/`: lint, base images, users, and that nothing unpinned gets in."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
CASEFARM_IMAGES = [path for path in DOCKERFILES if path.name != "flower.Dockerfile"]
LOCKS = sorted((ROOT / "docker").glob("*.lock"))
EXACT_VERSION = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)

every_image = pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)


def read_stage(dockerfile: Path, name: str) -> str:
    stages = re.split(r"^(?=FROM )", dockerfile.read_text(), flags=re.MULTILINE)
    return next(stage for stage in stages if re.match(rf"FROM \S+ AS {name}\n", stage))


def read_last_stage(dockerfile: Path) -> str:
    return re.split(r"^(?=FROM )", dockerfile.read_text(), flags=re.MULTILINE)[-1]


def read_versions(lock: Path) -> dict[str, str]:
    return dict(EXACT_VERSION.findall(lock.read_text()))


def test_there_is_a_dockerfile_for_every_image() -> None:
    assert [path.stem for path in DOCKERFILES] == ["flower", "surrogate-worker", "web", "worker"]


@every_image
def test_hadolint_has_nothing_to_say(dockerfile: Path) -> None:
    tool = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run(
        [tool, "--failure-threshold", "style", dockerfile], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


@every_image
def test_an_image_is_slim_and_runs_as_a_fixed_user(dockerfile: Path) -> None:
    stage = read_last_stage(dockerfile)
    assert stage.startswith("FROM python:3.11-slim-bookworm\n")
    assert re.findall(r"^USER (.*)$", stage, re.MULTILINE) == ["10001:10001"]
    assert "HEALTHCHECK" in stage


@every_image
def test_base_images_are_pinned_and_need_no_other_syntax(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    bases = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) - set(re.findall(r" AS (\w+)$", text, re.MULTILINE))
    assert bases <= {"python:3.11-slim-bookworm", "node:24-bookworm-slim"}
    assert "# syntax=" not in text


@pytest.mark.parametrize("dockerfile", CASEFARM_IMAGES, ids=lambda path: path.stem)
def test_every_casefarm_image_starts_from_the_same_locked_packages(dockerfile: Path) -> None:
    stage = read_stage(dockerfile, "packages")
    assert stage == read_stage(CASEFARM_IMAGES[0], "packages")
    assert stage.count("--require-hashes") == 2


@every_image
def test_whatever_an_image_copies_is_let_through_to_the_builder(dockerfile: Path) -> None:
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile.read_text(), re.MULTILINE)
    for source in (word for copy in copies for word in copy.split()):
        assert any(Path(source).match(pattern) or Path(source).is_relative_to(pattern) for pattern in allowed), source


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_an_image_installs_the_versions_that_the_tests_ran_with(lock: Path) -> None:
    ours = read_versions(ROOT / "requirements-dev.lock")
    theirs = read_versions(lock)
    assert theirs
    assert {name: version for name, version in theirs.items() if name in ours} == {
        name: ours[name] for name in theirs if name in ours
    }


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_what_its_input_asks_for(lock: Path) -> None:
    asked = EXACT_VERSION.findall(lock.with_suffix(".in").read_text())
    assert asked
    assert set(asked) <= set(read_versions(lock).items())
