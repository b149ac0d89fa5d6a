"""A time-stamping authority of our own on loopback: openssl signs, as a real one would."""

from __future__ import annotations

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

CONFIG = """
[tsa]
default_tsa = one
[one]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
"""
EXTENSIONS = (
    "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=critical,CA:false\n"
)


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def _run_out(folder: Path) -> None:
    """The same certificate, but of last year."""
    root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / "root.key").read_bytes(), None)
    old = x509.load_pem_x509_certificate((folder / "tsa.pem").read_bytes())
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        subject_name=old.subject,
        issuer_name=root.subject,
        public_key=old.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=400),
        not_valid_after=now - timedelta(days=30),
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    assert isinstance(key, rsa.RSAPrivateKey)
    made = builder.sign(key, hashes.SHA256())
    (folder / "tsa.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


class Authority:
    """Root, certificate, key and a server. `breaks`: what to answer instead of a stamp."""

    def __init__(self, folder: Path, name: str = "Sample Authority", *, ran_out: bool = False) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        root, key = folder / "root.pem", folder / "root.key"
        _openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(root), "-days", "7300",
                 "-subj", f"/CN={name} root", "-addext", "basicConstraints=critical,CA:true",
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
        _openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", str(folder / "tsa.key"), "-out", str(folder / "tsa.csr"),
                 "-subj", f"/CN={name}")  # fmt: skip
        (folder / "extensions").write_text(EXTENSIONS)
        _openssl("x509", "-req", "-in", str(folder / "tsa.csr"), "-CA", str(root), "-CAkey", str(key), "-CAcreateserial",
                 "-out", str(folder / "tsa.pem"), "-days", "3650", "-sha256", "-extfile", str(folder / "extensions"))  # fmt: skip
        if ran_out:
            _run_out(folder)
        (folder / "serial").write_text("01\n")
        (folder / "config").write_text(CONFIG.format(folder=folder))
        self.breaks: bytes | int | None = None
        self.asked = 0
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def roots(self) -> Path:
        """The certificate that it is trusted by."""
        return self.folder / "root.pem"

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}/tsr"

    def stamp(self, request: bytes) -> bytes:
        """The answer to a request, DER."""
        with self._lock:
            query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
            query.write_bytes(request)
            _openssl("ts", "-reply", "-config", str(self.folder / "config"), "-section", "one", "-queryfile", str(query),
                     "-out", str(reply))  # fmt: skip
            return reply.read_bytes()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                authority.asked += 1
                request = self.rfile.read(int(self.headers["Content-Length"]))
                broken = authority.breaks
                body = broken if isinstance(broken, bytes) else b"" if broken else authority.stamp(request)
                self.send_response(broken if isinstance(broken, int) else 200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
