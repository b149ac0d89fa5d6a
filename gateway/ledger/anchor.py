"""Anchors: a stamp by somebody else's clock over a checkpoint (RFC 3161).

A checkpoint says when it was made by our own clock, which is our own word. A time-stamping authority signs the hash of
the checkpoint with its time: the checkpoint, and so every entry that it covers, existed then. Only that hash leaves.

The *authority* is trusted by the root certificates that the operator configured, and whoever checks later brings his own.
Its certificate is judged at the time of the stamp, so that one which has run out since still counts.

Pure but for the random number in a request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from asn1crypto import cms, tsp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimeStampRequest,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from gateway.errors import AnchorError

MOST_BYTES = 100_000


def ask(note: str) -> TimeStampRequest:
    """The request for a stamp over a signed checkpoint, with the authority's certificates asked for."""
    builder = TimestampRequestBuilder().data(note.encode("utf8")).hash_algorithm(HashAlgorithm.SHA256)
    return builder.nonce(nonce=True).cert_request(cert_request=True).build()


def certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises AnchorError where there is none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise AnchorError("the file of roots holds no certificate in PEM form") from None


def check(
    reply: bytes, note: str, roots: Sequence[x509.Certificate], request: TimeStampRequest | None = None
) -> datetime:
    """When the authority saw the note (UTC). `request`: what was asked; then the answer must be to that.

    Raises:
        AnchorError: the answer is no stamp, not over this note, or not by an authority under these roots.
    """
    if len(reply) > MOST_BYTES:
        raise AnchorError("the answer is too long for a stamp")
    try:
        answer = decode_timestamp_response(in_order(reply))
        builder = VerifierBuilder() if request is None else VerifierBuilder.from_request(request)
        for root in roots:
            builder = builder.add_root_certificate(root)
        builder.build().verify(answer, hashlib.sha256(note.encode("utf8")).digest())
        moment: datetime = answer.tst_info.gen_time
    except VerificationError as error:
        raise AnchorError(f"the stamp does not hold: {str(error)[:120]}") from None
    except ValueError as error:
        raise AnchorError(f"the answer is not a stamp: {str(error)[:120]}") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def in_order(reply: bytes) -> bytes:
    """The answer with its certificates in the order that DER asks for (X.690 section 11.6).

    OpenSSL, and so many an authority, sends them as they stand in its chain, which a strict reader refuses. The
    signature is not over them. What cannot be read at all is given back as it is, for the reader to refuse.
    """
    try:
        answer = tsp.TimeStampResp.load(reply, strict=True)
        signed = answer["time_stamp_token"]["content"]
        given = [certificate.dump() for certificate in signed["certificates"]]
        if given == sorted(given):
            return reply
        signed["certificates"] = cms.CertificateSet([cms.CertificateChoices.load(c) for c in sorted(given)])
        return bytes(answer.dump(force=True))
    except (ValueError, TypeError, KeyError, AttributeError):
        return reply
