"""How can a client trust the emulator over TLS? A certificate authority of its own, made anew at every start."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


def make_tls(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server context for loopback, and the file in `folder` by which clients trust it (`AWS_CA_BUNDLE`)."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(context)
    file = folder / "prodimg-emulator-ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file
