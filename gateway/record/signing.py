"""One signature over the pages (PAdES, ETSI EN 319 142-1), with a time stamp inside it where an authority is at hand.

The key is the installation's own (RSA, 3072 bits) with a certificate that it signed itself: it shows that the pages were not
changed since, and by which installation they were signed, not who runs that. The pages stand unchanged before the
signature, so that they can be made again and compared byte for byte.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from gateway import durable
from gateway.errors import AnchorError, RecordError

KEY_FILE = "record.key"
YEARS = timedelta(days=365 * 20)
Post = Callable[[str, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Signer:
    """Key and certificate in DER."""

    key: bytes
    certificate: bytes

    @property
    def pem(self) -> bytes:
        """The certificate, for whoever checks the signature."""
        return x509.load_der_x509_certificate(self.certificate).public_bytes(serialization.Encoding.PEM)


def signer_of(data: Path, host: str, now: datetime) -> Signer:
    """The signer of this installation, made at the first call. Raises RecordError when it cannot be read."""
    file = data / KEY_FILE
    try:
        pem = durable.make_once(file, lambda: _made(host, now))
        key = serialization.load_pem_private_key(pem, None)
        certificate = x509.load_pem_x509_certificate(pem)
    except (OSError, ValueError):
        raise RecordError(f"{file} cannot be read as the key for records; put it back from a backup") from None
    plain = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Signer(key.private_bytes(*plain), certificate.public_bytes(serialization.Encoding.DER))


def _made(host: str, now: datetime) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Breakwater records of {host}"[:64])])
    start = now.astimezone(UTC).replace(microsecond=0) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*plain) + certificate.public_bytes(serialization.Encoding.PEM)


def sign(pdf: bytes, signer: Signer, *, reason: str, authority: tuple[str, Post] | None = None) -> bytes:
    """The signed pages. `authority`: address and way to ask it for the stamp inside. Raises RecordError, AnchorError."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    certificate = asn1.Certificate.load(signer.certificate)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(certificate)
    by = signers.SimpleSigner(certificate, keys.PrivateKeyInfo.load(signer.key), store)
    about = signers.PdfSignatureMetadata(
        field_name="Breakwater", reason=reason, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    out = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        stamper = _stamper(*authority) if authority else None
        asyncio.run(signers.async_sign_pdf(writer, about, by, timestamper=stamper, output=out))
    except AnchorError:
        raise
    except Exception as error:
        raise RecordError(f"the pages could not be signed ({type(error).__name__})") from error
    signed = out.getvalue()
    if not signed.startswith(pdf):
        raise RecordError("the pages were changed by signing them")
    return signed


def _stamper(url: str, post: Post) -> Any:
    """pyHanko's seam to an authority, over ours."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(await asyncio.to_thread(post, url, req.dump()))

    return Stamper()  # type: ignore[no-untyped-call]
