"""SHA-256 checksums of files, as they are written in a software library."""

import hashlib
import re

DIGEST = re.compile(r"[0-9a-f]{64}")


def normalize_checksum(text):
    """Return a SHA-256 checksum in lower case and without blanks.

    :param str text: as people and tools write it
    :raise ValueError: where it is not 64 hexadecimal digits
    """
    digest = "".join(text.split()).lower()
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"not a SHA-256 checksum: {text!r}")
    return digest


def compute_checksum(content):
    """Return the SHA-256 checksum of bytes in lower case."""
    return hashlib.sha256(content).hexdigest()
