"""What is kept: tables, blobs, and the units of work in which they change."""

from gateway.store.blobs import Blobs
from gateway.store.unit_of_work import Store, opened

__all__ = ["Blobs", "Store", "opened"]
