"""The database: tables, repositories, unit of work, outbox, migrations. The only place that knows SQL."""

from deskhand.orders.tenant import Tenant
from deskhand.orders.work import Outcome
from deskhand.store.automatic import AutomaticReport, system_actor
from deskhand.store.database import Database, DatabaseSilent, utc_now
from deskhand.store.delegating import (
    WantedDelegation,
    delegate,
    delegation_json,
    delegations,
    end_delegation,
)
from deskhand.store.desk import Desk, number_in, said_of
from deskhand.store.file_faults import Fault
from deskhand.store.ids import new_id, secret_id
from deskhand.store.knowledge import find_passages, follow_files
from deskhand.store.knowledge_file import Document, KnowledgeFileInvalid
from deskhand.store.knowledge_files import KnowledgeFiles, knowledge_faults
from deskhand.store.known_tenants import KnownTenant, known_tenants, note_tenants, settings_of
from deskhand.store.processes import ProcessFileInvalid
from deskhand.store.records import (
    AuditRow,
    Card,
    Conversation,
    Delegation,
    Delivery,
    Draft,
    Handover,
    ImportRun,
    Message,
    Notification,
    Page,
    StandIn,
    StoredEvent,
    StoredResponse,
    TextRecord,
    User,
    Warehouse,
)
from deskhand.store.repositories.api_keys import ApiKey
from deskhand.store.repositories.messengers import MessengerAccount, MessengerLink, MessengerPost
from deskhand.store.repositories.misunderstood import Misread, Misunderstood
from deskhand.store.repositories.notifications import NewNotification
from deskhand.store.repositories.sessions import StoredSession
from deskhand.store.roles import RoleRefused, make_application_role, make_role_with_database
from deskhand.store.statements import StatementCount
from deskhand.store.tenant_file import TenantFileInvalid, read_tenant
from deskhand.store.tenants import LiveTenants, faults_in, load_tenants
from deskhand.store.texts import TextFile
from deskhand.store.unit_of_work import UnitOfWork

__all__ = [
    "ApiKey",
    "AuditRow",
    "AutomaticReport",
    "Card",
    "Conversation",
    "Database",
    "DatabaseSilent",
    "Delegation",
    "Delivery",
    "Desk",
    "Document",
    "Draft",
    "Fault",
    "Handover",
    "ImportRun",
    "KnowledgeFileInvalid",
    "KnowledgeFiles",
    "KnownTenant",
    "LiveTenants",
    "Message",
    "MessengerAccount",
    "MessengerLink",
    "MessengerPost",
    "Misread",
    "Misunderstood",
    "NewNotification",
    "Notification",
    "Outcome",
    "Page",
    "ProcessFileInvalid",
    "RoleRefused",
    "StandIn",
    "StatementCount",
    "StoredEvent",
    "StoredResponse",
    "StoredSession",
    "Tenant",
    "TenantFileInvalid",
    "TextRecord",
    "UnitOfWork",
    "User",
    "WantedDelegation",
    "Warehouse",
    "delegate",
    "delegation_json",
    "delegations",
    "end_delegation",
    "faults_in",
    "find_passages",
    "follow_files",
    "knowledge_faults",
    "known_tenants",
    "load_tenants",
    "make_application_role",
    "make_role_with_database",
    "new_id",
    "note_tenants",
    "number_in",
    "said_of",
    "system_actor",
    "TextFile",
    "read_tenant",
    "secret_id",
    "settings_of",
    "utc_now",
]
