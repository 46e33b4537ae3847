from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from ennichi.kit.tls import own_certificate

NOW = datetime(2026, 11, 22, tzinfo=UTC)
NAMES = ["localhost", "stall.local", "127.0.0.1", "192.168.1.20"]


def names_of(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in listed}


def test_the_certificate_names_this_machine_and_its_key_is_private(tmp_path: Path) -> None:
    files = own_certificate(tmp_path / "tls", NAMES, NOW)
    assert names_of(files.certificate) == set(NAMES)
    assert files.key.stat().st_mode & 0o777 == 0o600
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc < timedelta(days=398)


def test_it_is_kept_until_it_runs_out_or_lacks_an_address(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, NAMES, NOW).certificate.read_bytes()
    assert own_certificate(tmp_path, NAMES[1:], NOW + timedelta(days=300)).certificate.read_bytes() == first
    moved = own_certificate(tmp_path, [*NAMES, "10.0.0.7"], NOW)
    assert "10.0.0.7" in names_of(moved.certificate)
    renewed = own_certificate(tmp_path, NAMES, NOW + timedelta(days=390))
    later = x509.load_pem_x509_certificate(renewed.certificate.read_bytes())
    assert later.not_valid_after_utc > NOW + timedelta(days=700)


def test_a_broken_file_is_replaced(tmp_path: Path) -> None:
    files = own_certificate(tmp_path, NAMES, NOW)
    files.certificate.write_text("half a certi")
    assert names_of(own_certificate(tmp_path, NAMES, NOW).certificate) == set(NAMES)
