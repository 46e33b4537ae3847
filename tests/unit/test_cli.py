import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from tests.support.running import spare_port

from ennichi import __version__
from ennichi.cli import main
from ennichi.cli.greeting import address, greet
from ennichi.cli.network import PortTaken, check_ports
from ennichi.cli.options import settings_from
from ennichi.settings import Settings, describe


def test_help_names_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert all(name in shown.output for name in ("up", "demo", "publish", "migrate", "doctor", "config", "version"))


def test_version() -> None:
    assert CliRunner().invoke(main, ["version"]).output.strip() == __version__


def test_config_documents_every_setting_and_keeps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@db/market")
    monkeypatch.setenv("ENNICHI_PORT", "9123")
    shown = CliRunner().invoke(main, ["config"]).output
    assert all(variable in shown and meaning in shown for _, variable, meaning in describe())
    assert "port = 9123" in shown
    assert "me:secret" not in shown


@pytest.mark.parametrize("arguments", [["up", "--port", "0"], ["up", "--port", "many"], ["up", "--nothing"], ["sell"]])
def test_wrong_usage_is_said(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNICHI_PORT", "70000")
    with pytest.raises(click.UsageError, match="port"):
        settings_from()


def test_a_sender_of_transfers_that_no_bank_knows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNICHI_PAYOUT_SENDER", "my bank")
    with pytest.raises(click.UsageError, match="ENNICHI_PAYOUT_SENDER"):
        settings_from()


def test_certificate_and_key_go_together(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="go together"):
        settings_from(tls_cert=tmp_path / "chain.pem")


def test_lan_listens_to_the_network_unless_told_otherwise() -> None:
    assert settings_from(lan=True).host == "0.0.0.0"
    assert settings_from(lan=True, host="192.168.1.20").host == "192.168.1.20"
    assert settings_from(lan=True, host="127.0.0.1").host == "127.0.0.1"
    assert settings_from().host == "127.0.0.1"


@pytest.mark.parametrize(("kind", "name"), [(socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")])
def test_a_taken_port_is_noticed(kind: socket.SocketKind, name: str) -> None:
    port = spare_port()
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", port))
        if kind == socket.SOCK_STREAM:
            other.listen()
        with pytest.raises(PortTaken, match=f"{name} port {port}"):
            check_ports("127.0.0.1", port)
    check_ports("127.0.0.1", port)


def test_the_address_is_one_to_type() -> None:
    assert address(Settings(), secure=False) == "http://localhost:8000"
    assert address(Settings(host="10.0.0.7", port=8123), secure=True) == "https://10.0.0.7:8123"
    assert address(Settings(host="::1"), secure=False) == "http://localhost:8000"
    assert address(Settings(host="fd00::2"), secure=False) == "http://[fd00::2]:8000"


def test_the_greeting_says_where_things_are(capsys: pytest.CaptureFixture[str]) -> None:
    greet(Settings(data=Path("shop")), "http://localhost:8000", seconds=1.5)
    said = capsys.readouterr().out
    assert all(part in said for part in ("http://localhost:8000", "shop", "UDP port 8000", "Ctrl-C", "█"))


def test_stripes_keys_go_together_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENNICHI_STRIPE_SECRET_KEY", "sk_test_secret")
    monkeypatch.setenv("ENNICHI_STRIPE_PUBLISHABLE_KEY", "pk_test_open")
    alone = CliRunner().invoke(main, ["config"])
    assert alone.exit_code == 2
    assert "ENNICHI_STRIPE_WEBHOOK_SECRET" in alone.output
    monkeypatch.setenv("ENNICHI_STRIPE_WEBHOOK_SECRET", "whsec_secret")
    shown = CliRunner().invoke(main, ["config"])
    assert shown.exit_code == 0, shown.output
    assert "pk_test_open" in shown.output
    assert "sk_test_secret" not in shown.output
    assert "whsec_secret" not in shown.output
    assert "stripe_secret_key = ***" in shown.output


@pytest.mark.parametrize("soft", [64, 4_096])
def test_as_many_may_watch_as_the_system_has_sockets_for(soft: int) -> None:
    script = f"""
import resource
from ennichi.cli.network import allow_many_sockets
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, 4_096))
allow_many_sockets()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["4096", "4096"]
