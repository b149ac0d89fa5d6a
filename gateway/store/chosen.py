"""The table ``[blobs]`` of the settings: where bytes are kept, and the key to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.errors import SettingsError
from gateway.store.place import BucketPlace


class Keeping(BaseModel):
    """Where the bytes of messages and files lie: in ``data/blobs``, or in a bucket of an S3-compatible store that several machines share.

    The bucket may be named before it is used (`breakwater blobs move`). `endpoint`: host or host:port. `prefix`: how our objects begin.
    The key comes from the environment (``BREAKWATER_BLOBS__SECRET_KEY``) or from files beside the settings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: Literal["folder", "s3"] = "folder"
    endpoint: str | None = None
    bucket: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = Field(default="", pattern=r"^([A-Za-z0-9_.=-]+/)*$", max_length=200)
    region: str = Field(default="us-east-1", pattern=r"^[A-Za-z0-9_-]{1,40}$")
    access_key: str | None = Field(default=None, repr=False)
    secret_key: str | None = Field(default=None, repr=False)
    access_key_file: str | None = None
    secret_key_file: str | None = None
    tls: bool = True
    ca_file: str | None = None

    @field_validator("endpoint")
    @classmethod
    def _host(cls, value: str | None) -> str | None:
        host, _, port = (value or "").partition(":")
        if value is None or (
            re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", host) and (port or "1").isdecimal()
        ):
            return value
        raise ValueError(
            "host or host:port, such as s3.eu-central-1.amazonaws.com or 10.0.0.5:9000 (with tls = false for plain HTTP)"
        )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [name for name in ("endpoint", "bucket") if getattr(self, name) is not None]
        if len(given) == 1 or (self.store == "s3" and not given):
            raise ValueError(
                'with a bucket endpoint and bucket, such as endpoint = "s3.example.org", bucket = "breakwater"'
            )
        for name in ("access_key", "secret_key") if given else ():
            if (getattr(self, name) is None) == (getattr(self, f"{name}_file") is None):
                raise ValueError(
                    f"either {name}_file, a file that holds it, or {name} in the environment (BREAKWATER_BLOBS__{name.upper()})"
                )
        return self

    def bucket_place(self, directory: Path) -> BucketPlace:
        """The bucket, whether it is in use or not; files are looked for in `directory`. Raises SettingsError where none is named, or the
        key to it cannot be read.
        """
        if self.endpoint is None or self.bucket is None:
            raise SettingsError("blobs: no bucket is named; docs/operators-guide.md, “Bytes in a bucket”, says how")
        return BucketPlace(
            self.endpoint,
            self.bucket,
            self.access_key or _read(directory, "access_key_file", self.access_key_file),
            self.secret_key or _read(directory, "secret_key_file", self.secret_key_file),
            self.prefix,
            self.region,
            self.tls,
            None if self.ca_file is None else _there(directory, self.ca_file),
        )


def _read(directory: Path, name: str, file: str | None) -> str:
    try:
        found = (directory / (file or "")).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"blobs › {name}: {file} cannot be read: {type(error).__name__}") from None
    if not found or len(found.split()) > 1:
        raise SettingsError(f"blobs › {name}: {file} should hold one line, the key, nothing else")
    return found


def _there(directory: Path, file: str) -> Path:
    if not (directory / file).is_file():
        raise SettingsError(f"blobs › ca_file: {file} is not there; it should hold the certificate in PEM")
    return directory / file
