"""Files in S3, or in what speaks like it: server-side copies in place of links, and a cache of contents by hash.

A file bears its sha256 as metadata, from when it was stored; the service keeps the bytes and the metadata together, so
a copy is verified by asking for them. boto3 takes a tenth of a second to import: only who uses S3 imports this.
"""

import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

from filestore import cache
from filestore.hashing import hash_file
from filestore.operations import DamagedFileError, FileStore, FolderDraft, Head, Key, Reader, StoredFile
from filestore.s3_errors import find_code, translated
from filestore.s3_requests import S3Reader, do_at_once, make_config

MEBIBYTE = 1 << 20
PART_BYTES = 16 * MEBIBYTE  # larger files go in parts of this size, up to four at a time
LARGEST_COPY_BYTES = 5 * 10**9  # of one request; what is larger is copied in parts
REMOVED_AT_ONCE = 1000  # the most that one request may name
HASH = "sha256"


class S3Draft(FolderDraft):
    """A folder on this machine whose files are uploaded, and files that the service has copied already."""

    def __init__(self, store: "S3Files", key: Key, path: Path) -> None:
        self._store, self._key, self.path = store, key, path

    def link_files(self, source: Key, names: Iterable[str]) -> None:
        """Have the service copy the files."""
        do_at_once(lambda name: self._store.copy_file(source / name, self._key / name), names)

    def take_files(self, source: Key, hashes: Mapping[str, str]) -> None:
        """Have the service copy the files whose metadata say that they are what they were."""

        def take(entry: tuple[str, str]) -> None:
            name, sha256 = entry
            self._store.copy_verified(source / name, self._key / name, sha256)

        do_at_once(take, hashes.items())


class S3Files(FileStore, S3Storage):  # type: ignore[misc]
    """A bucket, or what lies below a prefix in it."""

    def __init__(self, **options: Any) -> None:
        transfer = TransferConfig(
            multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4, io_chunksize=MEBIBYTE
        )
        super().__init__(**{"client_config": make_config(), "transfer_config": transfer, **options})

    @cached_property
    def client(self) -> Any:
        """The client of all threads of this process."""
        return self.connection.meta.client

    def name_of(self, key: Key) -> str:
        """Return what the service knows a file by."""
        return f"{self.location}/{key}" if self.location else str(key)

    def address_of(self, key: Key) -> dict[str, str]:
        """Return how a request names a file."""
        return {"Bucket": self.bucket_name, "Key": self.name_of(key)}

    @contextmanager
    def fill_folder(self, key: Key) -> Iterator[FolderDraft]:
        """Give a folder on this machine, whose files are uploaded in the end."""
        self.remove(key)
        path = Path(tempfile.mkdtemp(dir=self.passing_folder(), prefix="folder-"))
        try:
            yield S3Draft(self, key, path)
            do_at_once(lambda file: self.upload(file, key / file.name), list(path.iterdir()))
        except BaseException:
            self._leave(key)
            raise
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def _leave(self, key: Key) -> None:
        """Remove what has come of a folder that is not to be; if that fails, too, nobody refers to it."""
        try:
            self.remove(key)
        except OSError as error:
            cache.log.warning("%s stays in S3 until it is cleaned up: %s", key, error)

    @contextmanager
    def fill_file(self, key: Key) -> Iterator[Path]:
        """Give a path on this machine, which is uploaded in the end."""
        path = cache.make_passing_file()
        try:
            yield path
            self.upload(path, key)
        finally:
            path.unlink(missing_ok=True)

    def take_file(self, path: Path, key: Key) -> None:
        """Upload the file and remove it here."""
        self.upload(path, key)
        path.unlink()

    def upload(self, path: Path, key: Key) -> None:
        """Store a local file with its hash, a large one in parts."""
        metadata = {HASH: hash_file(path)}
        with translated(str(key)):
            if path.stat().st_size < PART_BYTES:
                with path.open("rb") as content:
                    self.client.put_object(**self.address_of(key), Body=content, Metadata=metadata)
            else:
                self.client.upload_file(
                    str(path), **self.address_of(key), ExtraArgs={"Metadata": metadata}, Config=self.transfer_config
                )

    def copy_file(self, source: Key, target: Key) -> None:
        """Have the service copy the file."""
        self._copy(source, target, self._describe(source))

    def copy_verified(self, source: Key, target: Key, sha256: str) -> None:
        """Have the service copy a file that is what its hash says.

        Raises:
            FileNotFoundError: it is gone.
            DamagedFileError: it is another one.
        """
        described = self._describe(source)
        if described["Metadata"].get(HASH) != sha256:
            raise DamagedFileError(source.name)
        self._copy(source, target, described)

    def _copy(self, source: Key, target: Key, described: Mapping[str, Any]) -> None:
        with translated(str(source)):
            if described["ContentLength"] <= LARGEST_COPY_BYTES:
                # What was looked at is what is copied: another file that has come in its place meanwhile is refused.
                self.client.copy_object(
                    **self.address_of(target), CopySource=self.address_of(source), CopySourceIfMatch=described["ETag"]
                )
            else:
                extra = {"Metadata": described["Metadata"], "MetadataDirective": "REPLACE"}
                self.client.copy(
                    self.address_of(source), **self.address_of(target), ExtraArgs=extra, Config=self.transfer_config
                )

    def _describe(self, key: Key) -> Any:
        with translated(str(key)):
            return self.client.head_object(**self.address_of(key))

    @contextmanager
    def open_stored(self, key: Key) -> Iterator[Reader]:
        """Read the file as it comes."""
        with translated(str(key)):
            answer = self.client.get_object(**self.address_of(key))
        with closing(answer["Body"]) as body:
            yield S3Reader(body, key)

    def read_head(self, key: Key, length: int) -> Head | None:
        """Ask for the beginning of the file; the answer tells its size."""
        try:
            with translated(str(key)):
                answer = self.client.get_object(**self.address_of(key), Range=f"bytes=0-{length - 1}")
        except FileNotFoundError:
            return None
        except OSError as error:
            if find_code(error) in ("InvalidRange", "416"):  # an empty file has no beginning
                return Head(b"", 0)
            raise
        with closing(answer["Body"]) as body, translated(str(key)):
            size = answer.get("ContentRange", "").rpartition("/")[2]
            return Head(body.read(length), int(size or answer["ContentLength"]))

    @contextmanager
    def local_copy(self, key: Key) -> Iterator[Path]:
        """Fetch the file, and remove it afterwards."""
        path = cache.make_passing_file()
        try:
            with self.open_stored(key) as stored:
                cache.write_stored(stored, path)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def read_heads(self, keys: Sequence[Key], length: int) -> list[Head | None]:
        """Ask for several beginnings at once."""
        return do_at_once(lambda key: self.read_head(key, length), keys)

    @contextmanager
    def hold_content(self, key: Key, sha256: str) -> Iterator[Path]:
        """Give the file of this machine's cache."""

        def fetch(path: Path) -> str:
            with self.open_stored(key) as stored:
                return cache.write_stored(stored, path)

        with cache.hold_content(sha256, fetch) as path:
            yield path

    def find_content(self, key: Key, sha256: str) -> Path:
        """Return the file of this machine's cache; nobody removes what was just asked for."""
        with self.hold_content(key, sha256) as path:
            return path

    def find_copy(self, key: Key) -> Path | None:
        """Return the file of this machine's cache that has the content of now."""
        try:
            sha256 = self._describe(key)["Metadata"].get(HASH)
            if sha256 is None:
                raise DamagedFileError(f"{key} bears no hash: something else than a farm has put it into the bucket.")
            return self.find_content(key, sha256)
        except FileNotFoundError:
            return None

    def list_files(self, prefix: Key) -> Iterator[StoredFile]:
        """List the files, a thousand a request."""
        for page in self._list(prefix):
            for entry in page.get("Contents", ()):
                yield StoredFile(self._key_of(entry["Key"]), entry["Size"], entry["LastModified"])

    def list_folders(self, prefix: Key) -> Iterator[Key]:
        """List what the keys have next after the prefix."""
        for page in self._list(prefix, Delimiter="/"):
            yield from (self._key_of(entry["Prefix"]) for entry in page.get("CommonPrefixes", ()))

    def _list(self, prefix: Key, **options: str) -> Iterator[Any]:
        paginator = self.client.get_paginator("list_objects_v2")
        pages = iter(paginator.paginate(Bucket=self.bucket_name, Prefix=f"{self.name_of(prefix)}/", **options))
        while True:
            with translated(str(prefix)):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _key_of(self, name: str) -> Key:
        return Key(name.removeprefix(f"{self.location}/") if self.location else name)

    def find_written_at(self, prefix: Key) -> datetime | None:
        """Return when the newest file came."""
        found = [file.written_at for file in self.list_files(prefix)]
        if found or not self.has_file(prefix):
            return max(found, default=None)
        written_at: datetime = self._describe(prefix)["LastModified"]
        return written_at

    def measure(self, prefix: Key) -> int:
        """Add the sizes up; every copy takes its room."""
        return sum(file.size_bytes for file in self.list_files(prefix))

    def measure_own(self, prefix: Key) -> int:
        """Add the sizes up likewise."""
        return self.measure(prefix)

    def remove(self, key: Key) -> None:
        """Remove the file, and what lies below it, a thousand a request."""
        names = [self.name_of(key)]
        for file in self.list_files(key):
            names.append(self.name_of(file.key))
            if len(names) == REMOVED_AT_ONCE:
                self._remove_names(names)
                names = []
        if names:
            self._remove_names(names)

    def _remove_names(self, names: list[str]) -> None:
        with translated(names[0]):
            wanted = {"Objects": [{"Key": name} for name in names], "Quiet": True}
            answer = self.client.delete_objects(Bucket=self.bucket_name, Delete=wanted)
        for refused in answer.get("Errors", ()):
            raise PermissionError(f"S3 does not remove {refused.get('Key')} ({refused.get('Code')})")

    def has_file(self, key: Key) -> bool:
        """Ask for the file's metadata."""
        try:
            self._describe(key)
        except FileNotFoundError:
            return False
        return True

    def passing_folder(self) -> Path:
        """Return a folder beside the cache."""
        return cache.passing_folder()

    def probe(self, timeout_s: float) -> str:
        """Write and remove a file, with a client that waits no longer than it is told and asks once."""
        config = make_config(connect_s=timeout_s, read_s=timeout_s, tries=1)
        session = self._create_session()
        key, started = Key(f"probes/{uuid4().hex}"), time.monotonic()
        with translated(f"bucket {self.bucket_name}"), closing(self._make_client(session, config)) as client:
            client.put_object(**self.address_of(key), Body=b"casefarm")
            client.delete_object(**self.address_of(key))
        return f"S3 bucket {self.bucket_name} writable, answers in {(time.monotonic() - started) * 1000:.0f} ms"

    def _make_client(self, session: Any, config: Config) -> Any:
        merged = self.client_config.merge(config)
        return session.client("s3", region_name=self.region_name, endpoint_url=self.endpoint_url, config=merged)

    def close(self) -> None:
        """Give up the connections of this process; they come again when they are needed."""
        if "client" in self.__dict__:
            self.client.close()
            del self.__dict__["client"]
            del self._connections.connection
