"""The tables, typed. One code for SQLite and PostgreSQL; the migrations in `migrations/` build what stands here.

Times are stored in UTC. Rows are found by ids that cannot be guessed; people use references. The custody tables are
append-only: the first migration adds triggers that refuse any change to an event.
"""

from mailroom.records.tables.accounts import Account, KeptFormRow, Sitting
from mailroom.records.tables.base import Base, Instant, columns_of, table_of
from mailroom.records.tables.custody import (
    CustodyDetail,
    CustodyEvent,
    CustodyNumber,
    CustodyPending,
    TreeHeadRow,
)
from mailroom.records.tables.desk import Referral, Taken
from mailroom.records.tables.items import (
    NEVER,
    Case,
    Clock,
    Correction,
    DecisionRow,
    Document,
    FieldRow,
    Handoff,
    Item,
    Original,
    Page,
    ReceiptRow,
    Rendition,
    ToldRow,
    Withdrawal,
    fold,
)
from mailroom.records.tables.keys import DataKeyRow, MasterKeyRow
from mailroom.records.tables.notes import CaseNote
from mailroom.records.tables.outgoing import Acknowledgement, Outgoing, Reply
from mailroom.records.tables.search import (
    SavedView,
    SearchDay,
    SearchFacet,
    SearchState,
    SearchText,
    SearchUncounted,
    SearchWord,
    Shelf,
)
from mailroom.records.tables.store import DamageRow, KeptObject, LegalHold, StorePlace, WalkRow
from mailroom.records.tables.upkeep import (
    Alarm,
    AlarmMail,
    Counter,
    IncompleteSource,
    MailboxCountRow,
    MailboxMessage,
    WorkerSlot,
)

__all__ = [
    "NEVER",
    "Account",
    "Acknowledgement",
    "Alarm",
    "AlarmMail",
    "Base",
    "Case",
    "CaseNote",
    "Clock",
    "Correction",
    "Counter",
    "CustodyDetail",
    "CustodyEvent",
    "CustodyNumber",
    "CustodyPending",
    "DamageRow",
    "DataKeyRow",
    "DecisionRow",
    "Document",
    "FieldRow",
    "Handoff",
    "IncompleteSource",
    "Instant",
    "Item",
    "KeptFormRow",
    "KeptObject",
    "LegalHold",
    "MailboxCountRow",
    "MailboxMessage",
    "MasterKeyRow",
    "Original",
    "Outgoing",
    "Page",
    "ReceiptRow",
    "Referral",
    "Rendition",
    "Reply",
    "SavedView",
    "SearchDay",
    "SearchFacet",
    "SearchState",
    "SearchText",
    "SearchUncounted",
    "SearchWord",
    "Shelf",
    "Sitting",
    "StorePlace",
    "Taken",
    "ToldRow",
    "TreeHeadRow",
    "WalkRow",
    "Withdrawal",
    "WorkerSlot",
    "columns_of",
    "fold",
    "table_of",
]
