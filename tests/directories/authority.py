"""Certificates for servers on this machine, signed by an authority made for the test."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
_END = datetime(2099, 1, 1, tzinfo=UTC)


class Certificate(NamedTuple):
    """A certificate and its key, as files in PEM form."""

    file: Path
    key_file: Path


class Authority:
    """An authority of its own; `file` is what its users trust."""

    def __init__(self, folder: Path, name: str) -> None:
        """Make the authority's key and certificate in the folder."""
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        constraint = x509.BasicConstraints(ca=True, path_length=0)
        built = _builder(self._name, self._name, self._key).add_extension(constraint, critical=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def certificate(self, host: str, *, common_name: str | None = None, end: datetime = _END) -> Certificate:
        """Sign a certificate for a host name or an address; its subject may bear another name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name or host)])
        builder = _builder(subject, self._name, key, end).add_extension(
            x509.SubjectAlternativeName([_general(host)]), critical=False
        )
        certificate = Certificate(self._folder / f"{host}-{end:%Y}.pem", self._folder / f"{host}-{end:%Y}.key")
        signed = builder.sign(self._key, hashes.SHA256())
        certificate.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        certificate.key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, end: datetime = _END
) -> x509.CertificateBuilder:
    names = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    dated = names.not_valid_before(min(_BEGIN, end - timedelta(days=1))).not_valid_after(end)
    return dated.public_key(key.public_key()).serial_number(x509.random_serial_number())


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
