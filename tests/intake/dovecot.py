"""A real Dovecot on loopback, with a certificate of its own, run by an ordinary user from a temporary folder.

Delivery is what an MTA does to a Maildir: a file in ``tmp`` that is renamed into ``new``.
"""

from __future__ import annotations

import contextlib
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.demo.carriers import free_port

BINARY = shutil.which("dovecot") or "/usr/sbin/dovecot"
USER = "nobody" if os.getuid() == 0 else None
GROUP = "nogroup" if os.getuid() == 0 else None
NAME = "rivera@relay.example.org"
PASSWORD = 'app "pass" wörd \\ 1'
WITHOUT_IDLE = "IMAP4rev1 SASL-IR LITERAL+ ENABLE UIDPLUS UNSELECT MOVE NAMESPACE SPECIAL-USE"
SERIAL = itertools.count()

CONFIG = """\
base_dir = {run}
state_dir = {run}/state
log_path = {run}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{mail}/%n
mail_home = {mail}
ssl = required
ssl_cert = <{etc}/cert.pem
ssl_key = <{etc}/cert.pem
auth_mechanisms = {mechanisms}
disable_plaintext_auth = yes
auth_failure_delay = 0
{capability}
{oauth}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {etc}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={mail}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
"""


def make_certificate(file: Path) -> None:
    """A self-signed certificate for localhost, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(made.public_bytes(pem) + secret)


@dataclass
class Dovecot:
    """A running server with one account."""

    folder: Path
    port: int = field(default_factory=free_port)
    plain_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def certificate(self) -> Path:
        return self.folder / "etc" / "cert.pem"

    @property
    def maildir(self) -> Path:
        return self.folder / "mail" / NAME.partition("@")[0]

    def prepare(self, *, capability: str = "", oauth_url: str = "", mechanisms: str = "plain login") -> None:
        """Write the configuration."""
        run, mail, etc = self.folder / "run", self.folder / "mail", self.folder / "etc"
        for made in (run, mail, etc):
            made.mkdir(exist_ok=True)
        make_certificate(self.certificate)
        self.password(PASSWORD)
        oauth = ""
        if oauth_url:
            mechanisms += " xoauth2"
            (etc / "oauth").write_text(f"tokeninfo_url = {oauth_url}\nusername_attribute = email\n")
            oauth = f"passdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {etc}/oauth\n}}"
        who = USER or pwd.getpwuid(os.getuid()).pw_name
        text = CONFIG.format(
            run=run,
            etc=etc,
            mail=mail,
            user=who,
            group=GROUP or grp.getgrgid(os.getgid()).gr_name,
            port=self.port,
            plain_port=self.plain_port,
            mechanisms=mechanisms,
            capability=f"imap_capability = {capability}" if capability else "",
            oauth=oauth,
        )
        (etc / "dovecot.conf").write_text(text)
        if USER:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, USER, GROUP)

    def password(self, password: str) -> None:
        """Set the account's password."""
        (self.folder / "etc" / "users").write_text(f"{NAME}:{{PLAIN}}{password}\n", encoding="utf8")

    def start(self) -> None:
        """Run it until it answers."""
        self._process = subprocess.Popen(
            [BINARY, "-F", "-c", self.folder / "etc" / "dovecot.conf"],
            user=USER,
            group=GROUP,
            extra_groups=[] if USER else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "run" / "log").read_text())

    def stop(self) -> None:
        """End it, with all its children."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            self._process = None

    def children(self) -> list[int]:
        """The processes that serve connections."""
        assert self._process is not None
        found = subprocess.run(
            ["ps", "-o", "pid=,comm=", "--ppid", str(self._process.pid)], capture_output=True, text=True, check=True
        )
        return [int(line.split()[0]) for line in found.stdout.splitlines() if line.split()[1].startswith("imap")]

    def deliver(self, raw: bytes, folder: str = "") -> None:
        """Put a message into the mailbox as an MTA does."""
        root = self.maildir / (f".{folder}" if folder else "")
        for name in ("tmp", "new", "cur"):
            made = root / name
            made.mkdir(parents=True, exist_ok=True)
            if USER:
                for path in (made, root, self.maildir):
                    shutil.chown(path, USER, GROUP)
        file = f"{time.time():.6f}.{next(SERIAL)}.test"
        (root / "tmp" / file).write_bytes(raw)
        if USER:
            shutil.chown(root / "tmp" / file, USER, GROUP)
        (root / "tmp" / file).rename(root / "new" / file)

    def renumber(self) -> None:
        """Forget all numbers, as a server does whose index was lost: a new UIDVALIDITY. Call while it is stopped."""
        for file in self.maildir.glob("dovecot*"):
            file.unlink()
        time.sleep(1.1)  # Dovecot takes the time in seconds for it

    @contextlib.contextmanager
    def look(self, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        """Another mail program on the same account."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        with imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context) as client:
            client.authenticate("PLAIN", lambda _: f"\0{NAME}\0{PASSWORD}".encode())
            client.select(folder)
            yield client

    def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of all messages in order."""
        with self.look(folder) as client:
            _, found = client.fetch("1:*", "(FLAGS)")
        lines = [line.decode() for line in found if isinstance(line, bytes)]
        return [
            set(line.split("FLAGS (")[1].split(")")[0].split()) - {r"\Recent"} for line in lines if "FLAGS (" in line
        ]


@contextlib.contextmanager
def dovecot(**options: str) -> Iterator[Dovecot]:
    """A server that runs until the block ends."""
    with tempfile.TemporaryDirectory(prefix="breakwater-dovecot-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        server = Dovecot(Path(folder))
        server.prepare(**options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
