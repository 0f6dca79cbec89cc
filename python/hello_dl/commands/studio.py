"""`hello-dl studio`: opens a page in the browser to draw on, and to read, correct and watch."""

from __future__ import annotations

from pathlib import Path

import click

from hello_dl.commands import options

NEEDS = "the studio needs FastAPI and uvicorn: pip install 'hello-dl[studio]'"


@click.command(short_help="Draw, photograph and watch in the browser.")
@options.value(
    "--host", default="127.0.0.1", metavar="ADDRESS", help="Where to listen; others need the link's token."
)
@options.value("--port", type=click.IntRange(0, 65535), default=8042, help="0: any that is free.")
@options.path(
    "--folder", metavar="DIR", help="Where photos, drawings and logs are kept (default: in the data folder)."
)
@click.option(
    "--log", "logs", multiple=True, type=options.PATH, metavar="RUN.sqlite", help="A run log to watch."
)
@click.option("--open/--no-open", "opens", default=True, help="Open the page in the browser.")
@options.threads
def studio(host: str, port: int, folder: Path | None, logs: tuple[Path, ...], opens: bool) -> None:
    """Serve a page to draw letters and lines on, to give photos to, and to watch trainings, until Ctrl-C.

    Nothing leaves this computer: the page asks no other host, and only this computer can reach it unless
    --host names another address.
    """
    try:
        from hello_dl.studio.server import Settings, serve
    except ModuleNotFoundError as error:
        if error.name in ("fastapi", "uvicorn", "starlette", "pydantic", "multipart", "python_multipart"):
            raise click.ClickException(NEEDS) from None
        raise
    from hello_dl.weights import user_folder

    for log in logs:
        if not log.is_file():
            raise click.BadParameter(f"{log}: there is no such file", param_hint="--log")

    def ready(link: str) -> None:
        click.echo(f"the studio is at {link}  (Ctrl-C ends it)")
        if opens:
            import webbrowser

            webbrowser.open(link)

    serve(Settings(folder or user_folder().parent / "studio", host, port, logs), ready)
