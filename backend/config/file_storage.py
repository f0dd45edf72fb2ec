"""Reads where the farm's files lie, and refuses a wrong setting with one clear line. Called by `config.settings`."""

import re
from typing import Any
from urllib.parse import urlsplit

from config.environment import read_optional_url, read_setting, read_text, refuse_setting

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


def make_files_storage(address: str) -> dict[str, Any]:
    """Return the entry of Django's STORAGES for the farm's files.

    Raises:
        SystemExit: a key stands without its other half, or the endpoint is no URL.
    """
    endpoint = read_optional_url("CASEFARM_S3_ENDPOINT", ("https", "http"), "https://s3.example.org")
    region = read_text("CASEFARM_S3_REGION", "", "the name of a region")
    access = read_text("CASEFARM_S3_ACCESS_KEY", "", "an access key")
    secret = read_text("CASEFARM_S3_SECRET_KEY", "", "a secret key")
    if bool(access) != bool(secret):
        missing, other = ("SECRET", "ACCESS") if access else ("ACCESS", "SECRET")
        refuse_setting(
            f"CASEFARM_S3_{missing}_KEY", "nothing", f"a key, since CASEFARM_S3_{other}_KEY is set; or neither"
        )
    if not address:
        return {"BACKEND": "filestore.local.LocalFiles"}
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    options: dict[str, Any] = {"bucket_name": bucket, "location": prefix}
    # What is not set is left to boto3's own chain: its environment, its files, the machine's role.
    found = {"endpoint_url": endpoint, "region_name": region, "access_key": access, "secret_key": secret}
    options |= {name: value or None for name, value in found.items()}
    if access:
        options["security_token"] = None
    return {"BACKEND": "filestore.s3.S3Files", "OPTIONS": options}
