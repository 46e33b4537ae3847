"""This machine on its network: which addresses it has, whether a port is free, how many connections it may hold."""

import contextlib
import ipaddress
import socket

import psutil

MOST_SOCKETS = 65_536


class PortTaken(Exception):
    """Something else listens there already."""

    def __init__(self, kind: str, port: int) -> None:
        super().__init__(f"{kind} port {port} is taken by another program: choose another with --port.")


def check_ports(host: str, port: int) -> None:
    """Raise PortTaken unless both the pages (TCP) and the video (UDP) can have `port` at `host`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind, name in ((socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")):
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # Connections of an earlier run that are still winding down do not count; a listener does.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                raise PortTaken(name, port) from None


def allow_many_sockets() -> None:
    """Everyone who watches is an open socket, and a system often grants a thousand of the many it has until asked."""
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_SOCKETS if hard == resource.RLIM_INFINITY else min(hard, MOST_SOCKETS)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def lan_addresses() -> list[str]:
    """The IPv4 addresses of this machine that others may reach, the likeliest first."""
    status = psutil.net_if_stats()
    found = [
        entry.address
        for card, entries in psutil.net_if_addrs().items()
        if card in status and status[card].isup
        for entry in entries
        if entry.family == socket.AF_INET and not ipaddress.ip_address(entry.address).is_loopback
    ]
    way_out = _way_out()
    return sorted(found, key=lambda address: (address != way_out, not ipaddress.ip_address(address).is_private))


def own_names() -> list[str]:
    """Every name and address under which a browser may ask for this machine."""
    host = socket.gethostname().split(".")[0]
    return ["localhost", host, f"{host}.local", "127.0.0.1", *lan_addresses()]


def _way_out() -> str:
    """The address that packets to the world leave from; choosing a route sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""
