"""The commands by name, each loaded when it is called.

Most commands need most of the program, and loading it takes longer than many of them run.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, NamedTuple

import click


class _Place(NamedTuple):
    """Where a command is, ``module:name`` under this package, and what it does in one line."""

    at: str
    summary: str


_COMMANDS: Final = {
    "append": _Place("append:append", "Append envelopes that were signed elsewhere."),
    "attachment": _Place("attachment:attachment", "Get or list the documents of statements."),
    "audit": _Place("audit:audit", "Derive everything that a ledger says again."),
    "author": _Place("author:author", "Show an author's keys and their history."),
    "context": _Place("context:context", "Name ledgers, and say which is meant."),
    "delegate": _Place("delegate:delegate", "Let another key sign, within limits."),
    "demo": _Place("demo:demo", "Show it all once, in a temporary folder."),
    "diff": _Place("diff:diff", "Compare statuses between two sides, and name causes."),
    "enroll": _Place("enroll:enroll", "Enroll an author, or give one a new key."),
    "erase": _Place("erase:erase", "Erase a document for good."),
    "export": _Place("export:export", "Write a ledger into one file."),
    "exposure": _Place("exposure:exposure", "Hold the orders of an item against its status."),
    "fsck": _Place("fsck:fsck", "Rebuild the stored tree, and name what differs."),
    "import": _Place("import_files:import_command", "Import files of the record format."),
    "init": _Place("init:init", "Found a ledger in a new folder."),
    "keygen": _Place("keygen:keygen", "Make a key pair, and a request to enroll it."),
    "matrix": _Place("matrix:matrix", "Show the status of all items everywhere."),
    "migrate": _Place("migrate:migrate_command", "Move a ledger from SQLite to PostgreSQL."),
    "migrate-schema": _Place("migrate_schema:migrate_schema_command", "Make PostgreSQL's tables."),
    "orders": _Place("lives:orders", "List company orders, and what became of them."),
    "revoke": _Place("revoke:revoke", "Revoke a key of an author or a delegate."),
    "rotate": _Place("rotate:rotate", "Replace an author's key by a new one."),
    "rotate-log-key": _Place("rotate_log_key:rotate_log_key", "Change the log's own key."),
    "serve": _Place("serve:serve", "Serve a ledger until a signal ends it."),
    "show": _Place("show:show_command", "Show a fact, a stream, an item or a party."),
    "sign": _Place("sign:sign_command", "Sign a fact offline, into an envelope."),
    "status": _Place("status:status", "Ask for a license status, and why it is so."),
    "submissions": _Place("lives:submissions", "List who asked whom for what."),
    "timeline": _Place("timeline:timeline", "List what happened, oldest first, each entry proved."),
    "timestamp": _Place("timestamp:timestamp", "Have a checkpoint time-stamped (RFC 3161)."),
    "verify": _Place("verify:verify", "Verify receipts, or the whole log."),
    "verify-misbehavior": _Place("misbehavior:verify_misbehavior", "Check evidence against a log."),
    "watch": _Place("watch:watch", "Follow a status until interrupted."),
    "whatif": _Place("whatif:whatif", "Lay an unsigned draft over the record."),
    "witness": _Place("witness:witness", "Witness logs (C2SP tlog-witness)."),
}


class Commands(click.Group):
    """A group that knows its commands by name, and loads the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names in the order of the help."""
        return sorted({*self.commands, *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None where there is none of this name."""
        place = _COMMANDS.get(cmd_name)
        if place is not None and cmd_name not in self.commands:
            module, _, name = place.at.partition(":")
            self.add_command(getattr(import_module(f"ledger.cli.{module}"), name))
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in _COMMANDS.items()])
