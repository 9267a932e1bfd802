"""Generated from protos/ledger/v1 and committed; a test compares. Never edited."""
