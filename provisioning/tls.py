"""TLS for phones: a certificate of our own, contexts for today's phones and for old ones.

Owns the making of the certificate file at the first start, by the openssl command (a C program that
every system has; libraries that could do it need Rust). Phones that check who we are need its
certificate first; it guards against those who only listen.
"""

from __future__ import annotations

import logging
import ssl
import subprocess
import warnings
from pathlib import Path

log = logging.getLogger(__name__)
_YEARS = 20
_OPENSSL_S = 30


def make_certificate(name: str) -> bytes:
    """A key and its certificate as one PEM text; raises OSError when openssl cannot."""
    argv = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-sha256", "-nodes", "-batch"]
    argv += ["-subj", f"/CN={name}", "-days", str(365 * _YEARS), "-keyout", "-", "-out", "-"]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_OPENSSL_S, check=False)
    except subprocess.SubprocessError as error:  # it takes too long
        raise OSError(f"openssl: {error}") from error
    if done.returncode or b"BEGIN CERTIFICATE" not in done.stdout:
        raise OSError(f"openssl: {done.stderr.decode(errors='replace')[-200:]}")
    return done.stdout


def is_usable(path: Path) -> bool:
    """Whether a certificate's file can be served."""
    try:
        modern_context(path)
    except OSError as error:
        log.warning("%s cannot be used: %s", path.name, error)
        return False
    return True


def modern_context(path: Path) -> ssl.SSLContext:
    """TLS 1.2 and 1.3."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(path)
    return context


def old_context(path: Path) -> ssl.SSLContext:
    """TLS 1.0 and up, with the ciphers of its time, for phones that know nothing newer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("ALL:!aNULL:!eNULL:!EXPORT:@SECLEVEL=0")
    context.load_cert_chain(path)
    return context
