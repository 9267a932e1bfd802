from __future__ import annotations

import click
from click.testing import CliRunner

from ledger.cli.extent import Extent, extent_options


@click.command()
@extent_options
def named(*, extent: Extent) -> None:
    click.echo(f"{'|'.join(extent.items)} to {'|'.join(extent.destinations)}")


def test_names_are_repeated_or_joined_and_each_counts_once() -> None:
    arguments = ["--items", "H20, A100,", "--items", "H20", "--destinations", "cn,hk"]
    assert CliRunner().invoke(named, arguments).output == "H20|A100 to CN|HK\n"


def test_nothing_named_means_all() -> None:
    assert CliRunner().invoke(named, []).output == " to \n"
