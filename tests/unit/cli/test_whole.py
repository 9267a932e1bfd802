"""``--whole``: a list is held against the whole log, and what is left out is a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.malice import edited
from tests.unit.cli.conftest import Command, Result
from tests.unit.client.served import lying

WHOLE = "by the whole log, nothing is left out"
LISTS = {
    "timeline": ("timeline", "--item", "H20"),
    "orders": ("orders",),
    "submissions": ("submissions",),
    "stream": ("show", "orders/co-2025-07-28-nvda-tsmc-300k"),
}


@pytest.mark.parametrize("command", LISTS.values(), ids=LISTS.keys())
def test_a_whole_list_is_the_list(
    regledger: Command, served_h20: tuple[str, ...], command: tuple[str, ...]
) -> None:
    plain = regledger(*command, *served_h20)
    whole = regledger(*command, *served_h20, "--whole")
    assert (whole.code, whole.err) == (0, "")
    assert whole.out.replace(f"; {WHOLE}", "") == plain.out
    assert WHOLE not in plain.out
    assert WHOLE in whole.out or command[0] == "show"


def _asked(regledger: Command, served: tuple[str, ...], address: str, *command: str) -> Result:
    named = [
        address if place and served[place - 1] == "--server" else word
        for place, word in enumerate(served)
    ]
    return regledger(*command, *named)


def test_a_server_that_hides_the_last_fact_of_an_order_is_found_out(
    regledger: Command, served_h20: tuple[str, ...]
) -> None:
    def hide(reply: object) -> None:
        del reply.order.facts[-1]  # type: ignore[attr-defined]
        reply.order.version -= 1  # type: ignore[attr-defined]

    upstream = served_h20[served_h20.index("--server") + 1]
    with lying(upstream, edited("GetOrder", hide)) as address:
        assert _asked(regledger, served_h20, address, *LISTS["stream"]).code == 0
        found = _asked(regledger, served_h20, address, *LISTS["stream"], "--whole")
    assert (found.code, found.out) == (3, "")
    assert "rule: withheld" in found.err


def test_outcomes_cannot_be_whole(regledger: Command, h20: Path) -> None:
    result = regledger("submissions", "--outcomes", "--whole", "--ledger", h20)
    assert result.code == 2
