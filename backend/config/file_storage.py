"""Reads where the farm's files lie, and refuses a wrong setting with one clear line. Called by `config.settings`."""

import re
from typing import Any
from urllib.parse import urlsplit

from config.environment import read_setting, refuse_setting

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[A-Za-z0-9!_.'()-]+(/[A-Za-z0-9!_.'()-]+)*")
ACCEPTED = "nothing (the folder CASEFARM_FILES), or s3://bucket or s3://bucket/prefix"


def read_storage(name: str) -> str:
    """Return `s3://bucket` or `s3://bucket/prefix`; nothing for the local folder."""

    def convert(raw: str) -> str:
        parts = urlsplit(raw.rstrip("/"))
        bucket, prefix = parts.netloc, parts.path.strip("/")
        if parts.scheme != "s3" or parts.query or parts.fragment or not BUCKET.fullmatch(bucket):
            raise ValueError(raw)
        if prefix and (not PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
            raise ValueError(raw)
        return f"s3://{bucket}/{prefix}".rstrip("/")

    return read_setting(name, convert, "", ACCEPTED)


def make_files_storage(address: str, *, endpoint: str, region: str, access_key: str, secret_key: str) -> dict[str, Any]:
    """Return the entry of Django's STORAGES for the farm's files.

    Args:
        address: as `read_storage` gives it; nothing for the local folder.
        endpoint: URL of a service other than Amazon's.
        region: of the bucket.
        access_key: with `secret_key`; or neither: boto3 then looks at its environment, its files, the machine's role.
        secret_key: likewise.

    Raises:
        SystemExit: one key stands without the other.
    """
    if bool(access_key) != bool(secret_key):
        missing, other = ("SECRET", "ACCESS") if access_key else ("ACCESS", "SECRET")
        accepted = f"a key, since CASEFARM_S3_{other}_KEY is set; or neither of the two"
        refuse_setting(f"CASEFARM_S3_{missing}_KEY", "nothing", accepted)
    if not address:
        return {"BACKEND": "filestore.local.LocalFiles"}
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    found = {"endpoint_url": endpoint, "region_name": region, "access_key": access_key, "secret_key": secret_key}
    options: dict[str, Any] = {name: value or None for name, value in found.items()}
    if access_key:
        options["security_token"] = None  # one of the environment would belong to other keys
    return {"BACKEND": "filestore.s3.S3Files", "OPTIONS": {"bucket_name": bucket, "location": prefix, **options}}
