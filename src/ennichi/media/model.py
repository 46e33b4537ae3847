"""What a ticket to the video of a show is."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Role = Literal["watch", "publish"]

BROADCAST = "live"
"""The one broadcast a show has; its publisher may write nothing else."""


class Ticket(Struct, kw_only=True):
    """Everything a player or a publisher needs to reach the video of one show, once."""

    url: str
    """Where to open the WebTransport session; carries the signed token."""
    broadcast: str
    """Name of the MoQ broadcast to read or write."""
    fingerprint: str | None
    """SHA-256 of the relay's own certificate in hex, for `serverCertificateHashes`; None with a real certificate."""
    expires_at: datetime
    """After this moment the ticket opens no new session; sessions already open stay."""


class Grant(Struct, kw_only=True, frozen=True):
    """What a valid token allows."""

    show_id: str
    role: Role
