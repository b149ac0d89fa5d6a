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
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise SettingsError(f"server › tls_certificate: cannot be used: {error.strerror or error}") from None
    return context
