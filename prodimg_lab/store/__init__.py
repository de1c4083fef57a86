"""Pictures and records, journals, the index and the ledger: what a lab remembers, and how none of it is lost."""

from prodimg_lab.store._base import ObjectStore, Record
from prodimg_lab.store.claims import Bought, Caps, Claim, Doubtful, Ending, Money, Order, Taken
from prodimg_lab.store.folder import FolderStore
from prodimg_lab.store.history import History, Story, read_history
from prodimg_lab.store.index import Index, RunRow
from prodimg_lab.store.journal import Journal, read_journal, read_on
from prodimg_lab.store.ledger import Ledger
from prodimg_lab.store.locks import RunLock, is_living
from prodimg_lab.store.opening import LabStore, open_store
from prodimg_lab.store.recovery import rebuild, repair, reproject
from prodimg_lab.store.s3 import S3Store

__all__ = [
    "Bought",
    "Caps",
    "Claim",
    "Doubtful",
    "Ending",
    "FolderStore",
    "History",
    "Index",
    "Journal",
    "LabStore",
    "Ledger",
    "Money",
    "ObjectStore",
    "Order",
    "Record",
    "RunLock",
    "RunRow",
    "S3Store",
    "Story",
    "Taken",
    "is_living",
    "open_store",
    "read_history",
    "read_journal",
    "read_on",
    "rebuild",
    "repair",
    "reproject",
]
