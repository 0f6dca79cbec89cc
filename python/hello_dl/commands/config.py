"""`hello-dl config`: prints what is installed, and how it runs on this computer."""

from __future__ import annotations

import click


@click.command(short_help="Print version, instruction set, threads, Eigen version.")
def config() -> None:
    """Print versions, instruction set, number of threads, and the folder of downloaded data."""
    from hello_dl._core.build_info import show_config
    from hello_dl.data.download import data_dir

    show_config()
    click.echo(f"{'data folder':16} {data_dir()}")
