"""What boto3 raises, as the operating system's errors: who keeps files need not know where. Called by `s3.py`."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from filestore.operations import StorageUnavailableError

GONE = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchBucket"})
FORBIDDEN = frozenset({"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"})
FULL = frozenset({"507", "InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "EntityTooLarge"})


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Raise what boto3 raises in the block as an `OSError`.

    Args:
        subject: the key that is asked for, for the message; the service's own words may name accounts and are left out.

    Raises:
        FileNotFoundError: there is no such file.
        PermissionError: the service refuses the credentials or what is asked of it.
        StorageUnavailableError: it does not answer, or cannot do it now.
        OSError: it is full (ENOSPC).
    """
    try:
        yield
    except (ClientError, Boto3Error) as error:
        raise translate_answer(error, subject) from error
    except BotoCoreError as error:
        raise StorageUnavailableError(f"S3 does not answer ({type(error).__name__}): {subject}") from error


def translate_answer(error: Exception, subject: str) -> OSError:
    """Return the operating system's error for an answer of the service that is not what was asked for."""
    code = find_code(error)
    if code in GONE:
        return FileNotFoundError(errno.ENOENT, f"S3 has no such file ({code})", subject)
    if code in FORBIDDEN:
        return PermissionError(errno.EACCES, f"S3 refuses this farm ({code})", subject)
    if code in FULL:
        return OSError(errno.ENOSPC, f"S3 has no room ({code})", subject)
    return StorageUnavailableError(f"S3 cannot do what is asked ({code}): {subject}")


def find_code(error: BaseException | None) -> str:
    """Return the code of the service's answer; boto3 wraps it where a file goes in parts."""
    while error is not None:
        if isinstance(error, ClientError):
            return str(error.response.get("Error", {}).get("Code", "unknown"))
        error = error.__cause__ or error.__context__
    return "unknown"
