"""The settings of the file store: a folder, or a bucket; wrong ones are refused with one line that tells no secret."""

import json
import os
import subprocess
import sys

import pytest

SECRET = "never-told-7d1"
SHOW = """
import json, sys
from config import settings
print(json.dumps([settings.STORAGES["files"], "boto3" in sys.modules]))
"""


def read_settings(**found: str) -> "subprocess.CompletedProcess[str]":
    """Read the settings in a process of its own."""
    names = ("STORAGE", "S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY")
    empty = {f"CASEFARM_{name}": "" for name in names}
    given = {f"CASEFARM_{name}": value for name, value in found.items()}
    environment = {**os.environ, **empty, **given}
    return subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=False)


def test_without_a_setting_files_lie_in_a_folder_and_boto3_is_not_imported() -> None:
    storage, imported = json.loads(read_settings().stdout)
    assert storage == {"BACKEND": "filestore.local.LocalFiles"}
    assert not imported


def test_the_whole_service_starts_without_boto3() -> None:
    code = "import django, sys; django.setup(); import config.urls, batches.tasks; print('boto3' in sys.modules)"
    environment = {**os.environ, "CASEFARM_STORAGE": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_bucket_with_a_prefix_and_keys() -> None:
    found = read_settings(
        STORAGE="s3://farm.files/one/two/",
        S3_ENDPOINT="https://s3.example.org/",
        S3_ACCESS_KEY="name",
        S3_SECRET_KEY=SECRET,
    )
    storage, _ = json.loads(found.stdout)
    assert storage["BACKEND"] == "filestore.s3.S3Files"
    options = storage["OPTIONS"]
    assert (options["bucket_name"], options["location"]) == ("farm.files", "one/two")
    assert (options["endpoint_url"], options["region_name"]) == ("https://s3.example.org", None)
    assert (options["access_key"], options["secret_key"]) == ("name", SECRET)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("STORAGE", "farm"),
        ("STORAGE", "https://farm"),
        ("STORAGE", "s3://"),
        ("STORAGE", "s3://Farm"),
        ("STORAGE", "s3://farm/../other"),
        ("STORAGE", "s3://farm/a//b"),
        ("S3_ENDPOINT", "s3.example.org"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_accepted(setting: str, value: str) -> None:
    found = read_settings(**{setting: value})
    assert found.returncode == 78
    assert found.stderr.startswith(f"casefarm: setting CASEFARM_{setting}: found {value!r}; accepted: ")
    assert found.stderr.count("\n") == 1


def test_one_key_without_the_other_is_refused_and_not_told() -> None:
    found = read_settings(STORAGE="s3://farm", S3_SECRET_KEY=SECRET)
    assert found.returncode == 78
    assert "CASEFARM_S3_ACCESS_KEY: found nothing" in found.stderr
    assert SECRET not in found.stderr
