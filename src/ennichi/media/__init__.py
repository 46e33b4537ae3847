"""The video of live shows: the relay, tickets to it, the watch on its frames, and sending files into it.

A show's seller publishes H.264 and Opus over Media over QUIC; the relay in this process hands the encoded frames
to viewers without touching them. Whether somebody may publish or watch is decided before a ticket is issued; the relay
itself knows shows only by their id.
"""

from ennichi.media.errors import FootageUnusable, RelayFull, TicketRefused
from ennichi.media.footage import publish_file
from ennichi.media.model import BROADCAST, Role, Ticket
from ennichi.media.relay import VIEWER_LIMIT, Relay
from ennichi.media.tickets import Tickets

__all__ = [
    "BROADCAST",
    "VIEWER_LIMIT",
    "FootageUnusable",
    "Relay",
    "RelayFull",
    "Role",
    "Ticket",
    "TicketRefused",
    "Tickets",
    "publish_file",
]
