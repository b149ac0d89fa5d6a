"""What is kept: tables, blobs, and the units of work in which they change."""

from gateway.store.blobs import Blobs
from gateway.store.unit_of_work import Store, looked_at, opened

__all__ = ["Blobs", "Store", "looked_at", "opened"]
