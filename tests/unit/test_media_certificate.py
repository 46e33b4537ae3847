"""The relay's own certificate: what browsers ask of one they trust by its fingerprint, and its renewal."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ennichi.kit.clock import FixedClock
from ennichi.media.certificate import OwnCertificate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    return FixedClock(NOW)


@pytest.fixture
def own(clock):
    own = OwnCertificate(clock)
    yield own
    own.remove()


def read(own):
    return x509.load_pem_x509_certificate(own.certificate_file.read_bytes())


def test_it_is_what_browsers_accept_by_fingerprint(own):
    certificate = read(own)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=14)
    assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc
    assert own.fingerprint == certificate.fingerprint(hashes.SHA256()).hex()


def test_the_key_is_for_its_owner_only(own):
    assert stat.S_IMODE(own.key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.key_file.parent.stat().st_mode) == 0o700


def test_it_is_renewed_long_before_it_runs_out(own, clock):
    before = own.fingerprint
    clock.advance(timedelta(days=5).total_seconds())
    assert not own.is_old
    clock.advance(timedelta(days=1).total_seconds())
    assert own.is_old
    assert read(own).not_valid_after_utc - clock.now() >= timedelta(days=7)
    own.renew()
    assert not own.is_old
    assert own.fingerprint != before
    assert read(own).not_valid_after_utc == clock.now() + timedelta(days=13)
