"""The papers of an order: receipt and packing slip, as values and as PDF."""

from ennichi.orders.papers.issuer import Market
from ennichi.orders.papers.model import Kind, Pdf, Receipt

__all__ = ["Kind", "Market", "Pdf", "Receipt"]
