"""Refusals met when a process is changed.

DeskhandError
├── ProcessError
│   ├── NoSuchProcess          no_such_process
│   ├── NoSuchVersion          no_such_version
│   ├── NotProposed            version_not_proposed
│   ├── ProcessUnchanged       process_unchanged
│   ├── ProcessFaulty          process_faulty
│   ├── HistoriesBreak         histories_break
│   ├── NotAMoment             not_a_moment
│   └── NotMapped              node_not_mapped
└── RoleNotAllowed
    └── OwnProposal            own_proposal
"""

from __future__ import annotations

from deskhand.orders.errors import DeskhandError, RoleNotAllowed


class ProcessError(DeskhandError):
    """The process can't be changed like this."""

    code = "process_error"


class NoSuchProcess(ProcessError):
    """There is no process {process}."""

    code = "no_such_process"


class NoSuchVersion(ProcessError):
    """{process} has no version {version}."""

    code = "no_such_version"


class NotProposed(ProcessError):
    """Version {version} of {process} is {state}: only a proposal can be approved or withdrawn."""

    code = "version_not_proposed"


class ProcessUnchanged(ProcessError):
    """The files of {process} are those of version {version}, which is {state}."""

    code = "process_unchanged"


class ProcessFaulty(ProcessError):
    """{process} has {errors} error(s) and can't be published: {first}."""

    code = "process_faulty"


class HistoriesBreak(ProcessError):
    """{broken} of {cases} cases would not have gone on as they did ({first}). A reason is needed to accept that."""

    code = "histories_break"


class NotAMoment(ProcessError):
    """{said} is neither a day nor a time: write 2026-12-24, or 2026-12-24T18:00."""

    code = "not_a_moment"


class NotMapped(ProcessError):
    """Cases wait where version {version} has no such place: {nodes}. Say where they go: old_node=new_node."""

    code = "node_not_mapped"


class OwnProposal(RoleNotAllowed):
    """Version {version} of {process} was proposed by {proposer}: somebody else has to approve it."""

    code = "own_proposal"
