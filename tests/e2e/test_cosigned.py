"""What witnesses said reaches whoever reads the ledger: from a server process, and in a bundle."""

from __future__ import annotations

import shutil
from pathlib import Path

from ledger.audit.bundlesource import opening
from ledger.bootstrap import POLICY_FILE
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.pins import PIN_FILE
from ledger.log.checkpoint import open_checkpoint
from ledger.v1 import log_pb2 as pb
from tests import builders
from tests.e2e.cli_process import Home
from tests.simulator import CALL_S
from tests.witnessed import policed


def test_a_server_asks_the_witnesses_of_the_policy_that_lies_beside_its_ledger(
    tmp_path: Path,
) -> None:
    with policed(tmp_path, ["w1"], "quorum w1\n") as made:
        folder = tmp_path / "ledger"
        shutil.copy(made.policy_file, folder / POLICY_FILE)
        with Home(tmp_path).serving(folder) as address:
            connection, memory = Connection(target=address), HeadsInMemory()
            with LedgerClient.connect(connection, made.pin, memory, made.policy) as client:
                made.policy.require_quorum(client.proved(0).receipt.checkpoint)


def test_a_bundle_of_a_witnessed_ledger_holds_the_cosignatures(tmp_path: Path) -> None:
    with policed(tmp_path, ["w1"], "quorum w1\n") as made:
        with made.service() as service:
            size = service.append(builders.order("order-1")).index + 1
            request = pb.GetCheckpointRequest(witnessed=True, min_tree_size=size)
            service.log.GetCheckpoint(request, timeout=CALL_S)
        home, folder = Home(tmp_path), tmp_path / "ledger"
        exported = home.run("export", "log.zip", "--ledger", folder)
        audited = home.run("audit", "log.zip", "--pin", folder / PIN_FILE)

        assert [exported.returncode, audited.returncode] == [0, 0]
        with opening(tmp_path / "log.zip") as bundle:
            note = bundle.checkpoint()
        made.policy.require_quorum(note)
        opened = open_checkpoint(note, origin=made.pin.origin, verifiers=made.pin.log_keys)
        assert opened.size == size
