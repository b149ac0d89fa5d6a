"""The settings file, `breakwater.toml`: read, checked, explained.

Every mistake is reported with the file, the key, what was found and what would be right. Secrets may come from
the environment (``BREAKWATER_TWILIO__AUTH_TOKEN``) or from a file beside the settings, never from the code.
"""

from __future__ import annotations

import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from gateway.delivery.caps import Caps
from gateway.errors import SettingsError
from gateway.family import Directory, Family, normal_email
from gateway.sealing.master import FILE, MasterPlace
from gateway.store.chosen import Keeping
from gateway.store.place import BucketPlace

FILE_NAME = "breakwater.toml"
MEGABYTE = 1024 * 1024


class Section(BaseModel):
    """A table of the file: unknown keys are mistakes, values never change after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Server(Section):
    """Where the gateway listens and keeps things. `proxies`: addresses or networks of the web servers before it, whose word on where a
    request comes from is taken (``X-Forwarded-For``). `metrics_listen`: where a monitor may ask for numbers; nowhere when it is left out.
    """

    data: str = "data"
    database: str | None = None
    host_name: str = "localhost"
    smtp_listen: str = "127.0.0.1:2525"
    web_listen: str = "127.0.0.1:8025"
    public_url: str = "http://127.0.0.1:8025"
    metrics_listen: str | None = None
    proxies: tuple[str, ...] = Field(default=("127.0.0.1", "::1"), max_length=20)
    max_message_megabytes: int = Field(default=25, ge=1, le=200)
    max_media_megabytes: int = Field(default=20, ge=1, le=200)
    tls_certificate: str | None = None
    tls_key: str | None = None

    @field_validator("smtp_listen", "web_listen", "metrics_listen")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is None:
            return None
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("host:port, such as 127.0.0.1:2525")
        return value

    @field_validator("proxies")
    @classmethod
    def _proxies(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value)
            except ValueError:
                raise ValueError("addresses or networks, such as 127.0.0.1 or 172.18.0.0/16") from None
        return values

    @field_validator("public_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("the address that Twilio and browsers use, such as https://relay.example.org")
        return value.rstrip("/")


class MailOut(Section):
    """The smart host that takes our outgoing mail, and our DKIM key.

    `bounce_address`: where bounces go in place of the relay's address; its domain must bring mail to this gateway.
    `bounce_tags`: whether a secret of each mail stands in that address (``rivera+b-…@``); off only where the machine before
    this one takes no such addresses.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: str | None = None
    sender_name: str = "Updates"
    bounce_address: str | None = None
    bounce_tags: bool = True
    dkim_domain: str | None = None
    dkim_selector: str = "breakwater"
    dkim_key: str | None = None

    @field_validator("bounce_address")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return None if value is None else normal_email(value)


class MailIn(Section):
    """How mail finds us. `mx`: names of our mail servers (`server.host_name` where none is given). `mta_sts`: whether others
    are told to send encrypted only (RFC 8461). `reports_to`: where reports of other mail systems go (DMARC, RFC 8460).
    """

    mx: tuple[str, ...] = Field(default=(), max_length=10)
    mta_sts: Literal["off", "testing", "enforce"] = "off"
    reports_to: str | None = None

    @field_validator("mx")
    @classmethod
    def _names(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if not value or not value.replace("-", "").replace(".", "").isalnum() or "." not in value.strip("."):
                raise ValueError("the name of a mail server, such as mx.example.org")
        return tuple(value.strip(".").lower() for value in values)

    @field_validator("reports_to")
    @classmethod
    def _reports_to(cls, value: str | None) -> str | None:
        return None if value is None else normal_email(value)

    def hosts(self, host_name: str) -> tuple[str, ...]:
        """The names of our mail servers."""
        return self.mx or (host_name.strip(".").lower(),)


class Twilio(Section):
    """The account that carries texts."""

    account_sid: str
    auth_token: str
    api_base: str = "https://api.twilio.com"


class Texting(Section):
    """How texts are read. `wait_seconds`: how long a text waits for others of the same sender, to be read together with
    them (danger and emergencies never wait; 0: each is read by itself). `reconcile_minutes`: how often the carrier's own
    list is asked for texts that never came (0: never).
    """

    wait_seconds: int = Field(default=120, ge=0, le=900)
    reconcile_minutes: int = Field(default=60, ge=0, le=1440)


class Destinations(Section):
    """Whether an address or number must be confirmed once, by a code sent to it, before ordinary updates go there."""

    verify: bool = True


class Voice(Section):
    """What a caller hears. A call is never put through. The notice of recording can be reworded, but not left out."""

    greeting: str = Field(
        default="Hello. Nobody can take your call on this number. You may leave a message after the tone.",
        max_length=1000,
    )
    recording_notice: str = Field(
        default="Your message is recorded, written down by a machine, and kept. "
        "If you do not agree to that, please hang up now.",
        max_length=1000,
    )
    goodbye: str = Field(default="Thank you. Goodbye.", max_length=500)
    language: str = Field(default="en-US", pattern=r"^[a-z]{2,3}-[A-Z]{2}$")
    longest_seconds: int = Field(default=120, ge=10, le=120)

    @field_validator("recording_notice")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if len(value.split()) < 4:
            raise ValueError(
                "a sentence that says that the message is recorded and kept; the law of many places asks for it"
            )
        return value


class Senders(Section):
    """How it is checked who a mail is from. Off only where mail comes over a machine that has checked it already."""

    check: bool = True
    trusted_servers: tuple[str, ...] = ()
    trusted_peers: tuple[str, ...] = ()
    trusted_forwarders: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()

    @field_validator("trusted_servers", "trusted_forwarders")
    @classmethod
    def _names(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            if "@" in value or "." not in value.strip("."):
                raise ValueError("a name such as mx.example.org")
        return tuple(value.strip().lower() for value in values)

    @field_validator("trusted_peers")
    @classmethod
    def _networks(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                ip_network(value, strict=False)
            except ValueError:
                raise ValueError("an address or a network, such as 192.0.2.7 or 10.0.0.0/8") from None
        return values


class Scanning(Section):
    """The virus scanner for attachments: where ClamAV's clamd listens. Without it nothing is scanned."""

    clamd: str | None = None
    timeout_seconds: float = Field(default=30, ge=1, le=300)

    @field_validator("clamd")
    @classmethod
    def _place(cls, value: str | None) -> str | None:
        if value is None or value.startswith("/"):
            return value
        host, colon, port = value.rpartition(":")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError("the path of its socket, such as /run/clamav/clamd.ctl, or host:port")
        return value


class Beat(Section):
    """The sign of life for whoever watches from outside. `url`: asked every `every_minutes` while all is well; `file`: holds the
    time of the last one, beside the settings.
    """

    every_minutes: int = Field(default=5, ge=1, le=60)
    url: str | None = None
    file: str | None = None

    @field_validator("url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("https://", "http://")):
            raise ValueError("an address that a dead man's switch gave you, such as https://watch.example.org/ping/...")
        return value


class Saving(Section):
    """Where backups go, beside the settings or absolute; the public key (age, X25519) that they are sealed to; how many stay."""

    to: str
    recipient: str = Field(pattern=r"^age1[0-9a-z]{50,80}$")
    keep: int | None = Field(default=None, ge=1, le=10_000)


class Sealing(Section):
    """How what is kept is sealed on the disk: where the master key is. `master`: ``file`` (`file`, made at the first start), ``environment``
    (the variable `variable`) or ``command`` (`command` prints it: it asks a key service to unwrap it).
    """

    master: Literal["file", "environment", "command"] = "file"
    file: str = "data/master.key"
    variable: str = Field(default="BREAKWATER_MASTER_KEY", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    command: tuple[str, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.master == "command" and not self.command:
            raise ValueError(
                'with master = "command" a command, such as command = ["kms-unwrap", "/etc/breakwater/master.wrapped"]'
            )
        return self


class Tools(Section):
    """What programs of the family's own may do. `calls_per_minute`: of one token; `loopback_webhooks`: whether a webhook may lead to this
    machine, over plain HTTP, to try one out.
    """

    calls_per_minute: int = Field(default=120, ge=1, le=10_000)
    loopback_webhooks: bool = False


class Authority(Section):
    """A time-stamping authority (RFC 3161). `roots`: a PEM file of the certificates that it is trusted by."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    url: str
    roots: str

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("the authority's address, such as https://tsa.example.org/tsr")
        return value


class Settings(BaseSettings):
    """The whole file. `directory` is the folder that it lies in; relative paths start there."""

    model_config = SettingsConfigDict(
        env_prefix="BREAKWATER_", env_nested_delimiter="__", extra="forbid", frozen=True, populate_by_name=True
    )

    server: Server = Server()
    mail_in: MailIn = MailIn()
    mail_out: MailOut = MailOut()
    twilio: Twilio | None = None
    senders: Senders = Senders()
    texts: Texting = Texting()
    voice: Voice = Voice()
    scanner: Scanning = Scanning()
    heartbeat: Beat = Beat()
    backup: Saving | None = None
    sealing: Sealing | None = None
    blobs: Keeping = Keeping()
    caps: Caps = Caps()
    destinations: Destinations = Destinations()
    tools: Tools = Tools()
    anchors: tuple[Authority, ...] = Field(default=(), alias="anchor", max_length=5)
    families: tuple[Family, ...] = Field(default=(), alias="family")
    directory: Path = Path()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, so that secrets can stay out of it."""
        return env_settings, init_settings

    @field_validator("anchors")
    @classmethod
    def _anchors(cls, values: tuple[Authority, ...]) -> tuple[Authority, ...]:
        if len({value.name for value in values}) < len(values):
            raise ValueError("authorities with different names; two have the same")
        return values

    @property
    def data(self) -> Path:
        """The folder of database, blobs and keys."""
        return self.directory / self.server.data

    @property
    def database_url(self) -> str:
        """A SQLAlchemy URL; SQLite in the data folder unless one is set."""
        return self.server.database or f"sqlite:///{self.data / 'breakwater.db'}"

    @property
    def master(self) -> MasterPlace | None:
        """Where the master key is; None where nothing is sealed."""
        chosen = self.sealing
        if chosen is None:
            return None
        if chosen.master == FILE:
            return MasterPlace(FILE, file=self.directory / chosen.file)
        return MasterPlace(chosen.master, variable=chosen.variable, command=chosen.command)

    @property
    def blobs_at(self) -> Path | BucketPlace:
        """The folder or the bucket in which the bytes of messages lie. Raises SettingsError where the key to it cannot be read."""
        return self.bucket if self.blobs.store == "s3" else self.blob_folder

    @property
    def blob_folder(self) -> Path:
        """The folder of blobs, whether it is in use or not."""
        return self.data / "blobs"

    @property
    def bucket(self) -> BucketPlace:
        """The bucket, whether it is in use or not. Raises SettingsError where none is named, or the key to it cannot be read."""
        return self.blobs.bucket_place(self.directory)

    @property
    def max_message_bytes(self) -> int:
        """The largest message that is kept, in bytes."""
        return self.server.max_message_megabytes * MEGABYTE

    def path(self, value: str | None) -> Path | None:
        """A path of the file, made absolute."""
        return None if value is None else self.directory / value

    def families_by_address(self) -> Directory:
        """The directory of relay addresses. Raises SettingsError when two families share one."""
        return Directory(self.families)


def load(directory: Path) -> Settings:
    """Read `directory`/breakwater.toml. Raises SettingsError with all that is wrong, one line a mistake."""
    file = directory / FILE_NAME
    try:
        raw = tomllib.loads(file.read_text(encoding="utf8"))
    except FileNotFoundError:
        raise SettingsError(f"{file}: there is no settings file; make one with: breakwater init {directory}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: not UTF-8 text at byte {error.start}; save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: cannot be read: {error}. Text needs quotes, lists need [ ]") from None
    except OSError as error:
        raise SettingsError(f"{file}: cannot be opened: {error.strerror}") from None
    try:
        settings = Settings(**raw, directory=directory.resolve())
        settings.families_by_address()
    except ValidationError as error:
        raise SettingsError("\n".join(explain(file, error))) from None
    except SettingsError as error:
        raise SettingsError(f"{file}: {error}") from None
    return settings


def explain(file: Path, error: ValidationError) -> list[str]:
    """One plain line for each mistake: file, key, what was found, what would be right."""
    return [f"{file}: {key(problem['loc'])}: {sentence(problem)}" for problem in error.errors(include_url=False)]


def key(location: tuple[int | str, ...]) -> str:
    """A key as a person would name it: ``family 1 › parent › emails 2``."""
    words: list[str] = []
    for part in location:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        elif str(part) not in {"str", "function-before", "tuple[time, ...]", "literal['at once']"}:
            words.append(str(part))
    return " › ".join(words) or "the file"


def sentence(problem: Any) -> str:
    """What was found and what would be right."""
    kind, found, context = problem["type"], problem.get("input"), problem.get("ctx") or {}
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        return "is not a setting; check the spelling or remove it"
    shown = "a table" if isinstance(found, dict) else "a list" if isinstance(found, (list, tuple)) else repr(found)
    if len(shown) > 80:
        shown = shown[:77] + "..."
    if kind == "value_error":
        return f"found {shown}; should be {context['error']}" if not isinstance(found, dict) else str(context["error"])
    if kind == "literal_error":
        return f"found {shown}; should be {context['expected']}"
    return f"found {shown}; {problem['msg'][0].lower()}{problem['msg'][1:]}"
