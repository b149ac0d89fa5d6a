"""The certificate of the mail port."""

from __future__ import annotations

import ssl

from gateway.errors import SettingsError
from gateway.settings import Settings


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """For STARTTLS; None when no certificate is set. Raises SettingsError."""
    certificate, key = settings.path(settings.server.tls_certificate), settings.path(settings.server.tls_key)
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996: older ones are not to be spoken
    context.set_ciphers(
        "ECDHE+AESGCM:ECDHE+CHACHA20"
    )  # of TLS 1.2, those of RFC 9325 section 4.2; TLS 1.3 has no others
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise SettingsError(f"server › tls_certificate: cannot be used: {error.strerror or error}") from None
    return context
