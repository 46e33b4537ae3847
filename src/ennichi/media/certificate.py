"""The relay's own certificate, which browsers trust by its fingerprint.

WebTransport accepts a self-made certificate through `serverCertificateHashes` only when it is ECDSA and valid for no
more than 14 days. It is made anew at every start and renewed long before it runs out; the relay notices the replaced
files by itself, and sessions already open are not disturbed.
"""

import tempfile
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ennichi.kit.clock import Clock

VALID = timedelta(days=13)
RENEW_AFTER = timedelta(days=6)


class OwnCertificate:
    """A certificate and key in a private temporary folder, replaced by `renew`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._folder = tempfile.TemporaryDirectory(prefix="ennichi-relay-")
        folder = Path(self._folder.name)
        self.certificate_file = folder / "certificate.pem"
        self.key_file = folder / "key.pem"
        self.fingerprint = ""
        self._made_at = clock.now()
        self.renew()

    @property
    def is_old(self) -> bool:
        """Whether it is time to renew, long before browsers refuse it."""
        return self._clock.now() - self._made_at >= RENEW_AFTER

    def renew(self) -> None:
        """Put a fresh certificate in place of the present one; `fingerprint` changes with it."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ennichi relay")])
        now = self._clock.now()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            # An hour back, for visitors whose clock is a little behind ours.
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + VALID)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _replace(self.key_file, private)
        _replace(self.certificate_file, certificate.public_bytes(serialization.Encoding.PEM))
        self.fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        self._made_at = now

    def remove(self) -> None:
        """Delete the files."""
        self._folder.cleanup()


def _replace(path: Path, content: bytes) -> None:
    """Write beside and rename over, so that no reader ever sees half a file."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)


def fingerprint_of(file: Path) -> str:
    """SHA-256 in hex of the first certificate in a PEM file: the one a server shows for itself."""
    return x509.load_pem_x509_certificate(file.read_bytes()).fingerprint(hashes.SHA256()).hex()
