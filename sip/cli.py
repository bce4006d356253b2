"""The `sip` command. Each command reads its arguments and calls a room; the rules are there."""

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from sip import backups, migrating
from sip import demo as demo_cycle
from sip import serve as serving
from sip.amendments import checking as amendments_checking
from sip.app import create_app
from sip.ballots import checking as ballots_checking
from sip.ballots import files as ballot_files
from sip.ballots import queries as ballot_queries
from sip.ballots.models import BallotState, MajorityRule
from sip.config import BadSetting, Settings, load_settings
from sip.core import record
from sip.core.db import db, transaction
from sip.core.errors import DomainError
from sip.cycles.stages import RIGHTS, Verb
from sip.drafts import checking as drafts_checking
from sip.drafts.importing.splitting import SplitDocument
from sip.exports import documents, folder
from sip.meetings import checking as meetings_checking
from sip.people import checking as people_checking
from sip.people.registering import register
from sip.reviews import checking as reviews_checking
from sip.threads import checking as threads_checking

_SAID_IN_ONE_LINE = (
    BadSetting,
    serving.CannotServe,
    backups.BadBackup,
    migrating.NotMigrated,
    demo_cycle.HalfLoaded,
    DomainError,
)


class _Commands(click.Group):
    """Says in one line what a person can mend; everything else keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except _SAID_IN_ONE_LINE as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error
        except OperationalError as error:
            raise click.ClickException(f"the database refused: {_first_line(error.orig)}") from error


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Smart in Progress. Settings are read from SIP_… variables and from settings.env in the data folder."""


data_option = click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), help="Folder of everything that is kept; else SIP_DATA."
)


def with_app(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option `--data` and, as its first argument, the application, inside its context."""

    @data_option
    @functools.wraps(command)
    def wrapped(data: Path | None, **arguments: Any) -> None:
        app = create_app(load_settings(data=data))
        with app.app_context():
            try:
                command(app, **arguments)
            finally:
                db.session.remove()
                db.engine.dispose()  # from Python 3.13 on, a connection left open is warned of

    return wrapped


def with_database(command: Callable[..., None]) -> Callable[..., None]:
    """As `with_app`, for commands that need the database in the shape that this version expects."""

    @with_app
    @functools.wraps(command)
    def wrapped(app: Flask, **arguments: Any) -> None:
        migrating.check_migrated()
        command(app, **arguments)

    return wrapped


@main.command()
@click.option("--host", help="Address to listen on; else SIP_HOST, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; else SIP_PORT, else 8000.")
@click.option("--demo", is_flag=True, help="Load the demo cycle where nobody and nothing is there yet.")
@data_option
def serve(host: str | None, port: int | None, demo: bool, data: Path | None) -> None:
    """Bring the database up to date and serve, with the courier of mails beside."""
    settings = serving.with_own_address(load_settings(host=host, port=port, data=data))
    serving.check_built()
    with serving.listen(settings.host, settings.port) as listener:
        app = create_app(settings)
        with app.app_context():
            sign_ins = _prepare(settings, app, demo)
            db.session.remove()
            db.engine.dispose()
        raise SystemExit(serving.run(app, listener, lambda: _announce(settings, sign_ins)))


def _prepare(settings: Settings, app: Flask, demo: bool) -> demo_cycle.Demo | None:
    with migrating.alone(app):
        migrating.migrate()
        if demo_cycle.is_wanted(settings.data) and demo:
            click.echo("· Loading the demo cycle …")
            return demo_cycle.load(settings.data)
    was_loaded = (settings.data / demo_cycle.PASSWORD_FILE).is_file()
    return demo_cycle.demo_of(settings.data) if was_loaded else None


def _announce(settings: Settings, sign_ins: demo_cycle.Demo | None) -> None:
    lines = [f"\n{settings.site_name}: {settings.base_url}    (data in {settings.data.resolve()}; Ctrl-C ends it)"]
    if sign_ins:
        lines.append(f"The demo’s people sign in with the password  {sign_ins.password}")
        lines += [f"  {address:<28}{role}" for address, role in sign_ins.people]
    click.echo("\n".join(lines))  # at one go: whoever waits for the address finds the rest beside it


@main.command()
@with_app
def migrate(app: Flask) -> None:
    """Bring the database to the shape that this version expects."""
    with migrating.alone(app):
        migrating.migrate()
    click.echo("The database is up to date.")


@main.command()
@with_app
def courier(app: Flask) -> None:
    """Send mails as they come due, until told to stop; `serve` does so too."""
    serving.run_courier(app)


@main.command()
@click.option("--scale", is_flag=True, help="Add 50,000 members and 1,000 documents, to measure with.")
@click.option("--members", type=click.IntRange(0), default=50_000, help="How many members --scale adds.")
@click.option("--drafts", type=click.IntRange(0), default=1_000, help="How many documents --scale adds.")
@with_app
def demo(app: Flask, scale: bool, members: int, drafts: int) -> None:
    """Load the demo cycle into an empty installation."""
    settings: Settings = app.config["SETTINGS"]
    with migrating.alone(app):
        migrating.migrate()
        if demo_cycle.is_wanted(settings.data):
            demo_cycle.load(settings.data)
        elif not scale:
            raise click.ClickException("there is something here already; the demo goes into an empty installation only")
        if scale:
            demo_cycle.scale(members, drafts)
    click.echo("The demo is loaded.")


@main.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--theme", help="For documents in other formats: the slug of the theme they are for.")
@click.option("--group", "groups", multiple=True, help="The group that writes them; default: all groups of the theme.")
@with_database
def import_(app: Flask, paths: tuple[Path, ...], theme: str | None, groups: tuple[str, ...]) -> None:
    """Store documents: folders in our own file form, or Markdown, Word, OpenDocument and HTML files for a theme."""
    files = [path for path in paths if not path.is_dir()]
    if files and theme is None:
        raise click.UsageError("--theme is needed: which theme is this document for?")
    read = {path: documents.read_file(path) for path in files}  # first: nobody's writes wait for it
    with transaction():
        for path in paths:
            if path in read:
                _import_file(app, path, read[path], theme or "", groups)
            else:
                done = folder.import_folder(path)
                click.echo(f"{path}: {len(done.drafts)} documents stored, {len(done.left)} were there already")


def _import_file(app: Flask, path: Path, read: SplitDocument, theme: str, groups: tuple[str, ...]) -> None:
    stored = documents.import_file(path, read, theme, groups, app.config["SETTINGS"])
    click.echo(f"{path}: stored as {stored.draft.slug}, {len(stored.draft.sections)} sections")
    for reference in stored.unresolved:
        click.echo(f"  left as text, line {reference.line} of {reference.slug}: {reference.text}")


@main.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@with_database
def export(app: Flask, directory: Path) -> None:
    """Write every cycle, group and document as plain files below DIRECTORY; `import` takes them back."""
    click.echo(f"{folder.export_folder(directory)} files written to {directory}")


@main.command()
@with_database
def check(app: Flask) -> None:
    """Verify what must always hold: versions, texts, counts and votes, and the public record of what was decided."""
    found = [
        *drafts_checking.problems(),
        *threads_checking.problems(),
        *amendments_checking.problems(),
        *ballots_checking.problems(),
        *reviews_checking.problems(),
        *meetings_checking.problems(),
        *record.problems(),
        *people_checking.problems(),
    ]
    for problem in found:
        click.echo(problem)
    if found:
        raise SystemExit(1)
    click.echo("All is well.")


@main.command()
@click.argument("email")
@click.option("--name", help="Name of a new person.")
@click.option("--administrator", is_flag=True, help="Let this person administer the installation.")
@with_database
def user(app: Flask, email: str, name: str | None, administrator: bool) -> None:
    """Add a person, who gets an invitation by mail, or make one an administrator."""
    with transaction():
        language = app.config["SETTINGS"].language_codes[0]
        person = register(email, name, language, is_administrator=administrator)
    click.echo(f"{person.name} <{person.email}>{' administers this installation' if person.is_administrator else ''}")


@main.command()
@click.argument("what", metavar="NUMBER|FILE.csv")
@click.option(
    "--rule",
    type=click.Choice([rule.value for rule in MajorityRule]),
    default=MajorityRule.SIMPLE.value,
    help="Of a file: what a majority is; simple unless told otherwise.",
)
@click.option("--on-roll", type=click.IntRange(0), default=0, help="Of a file: how many people could vote.")
@click.option("--quorum", type=click.IntRange(0, 100), default=0, help="Of a file: per cent of them who had to.")
@data_option
def tally(what: str, rule: str, on_roll: int, quorum: int, data: Path | None) -> None:
    """Count a ballot again: NUMBER compares with what is stored, FILE.csv needs nothing but the list of its votes.

    The hash that is printed is the one by which the public record knows the list.
    """
    if what.isdecimal():
        _tally_stored(data=data, number=int(what))
        return
    votes = ballot_files.read(Path(what))
    result = ballot_files.count(votes, MajorityRule(rule), on_roll or len(votes.choices), quorum)
    click.echo(json.dumps({**result, "votes_hash": votes.hash}, indent=2))


@with_database
def _tally_stored(app: Flask, number: int) -> None:
    ballot = ballot_queries.ballot_by_id(number)
    if ballot.state != BallotState.CLOSED:
        raise click.ClickException(f"ballot {number} is {ballot.state}: votes stay hidden until they are counted")
    result = ballot_queries.count(ballot)
    click.echo(json.dumps({**result, "votes_hash": ballot_queries.hash_of_votes(ballot)}, indent=2))
    if not ballots_checking.is_counted_right(ballot):
        raise click.ClickException("this is not the result that is stored")
    click.echo("This is the result that is stored.")


@main.command()
@with_app
def routes(app: Flask) -> None:
    """Print every address with the policy that guards it."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        if rule.endpoint != "static":
            methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            policy = getattr(app.view_functions[rule.endpoint], "policy")  # noqa: B009 - mypy cannot know of it
            click.echo(f"{methods:<9} {rule!s:<60} {policy.__module__.removeprefix('sip.')}.{policy.__name__}")


@main.command()
def rights() -> None:
    """Print the table of rights: who may do what with a recommendation, stage by stage."""
    for stage, roles in RIGHTS.items():
        click.echo(stage.value)
        for role, verbs in roles.items():
            click.echo(f"  {role.value:<14}{', '.join(verb.value for verb in Verb if verb in verbs) or '-'}")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_app
def backup(app: Flask, file: Path) -> None:
    """Write a SQLite installation, database and keys, to one .tar.gz while it runs."""
    click.echo(f"{backups.write(app.config['SETTINGS'], file)} files in {file}")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def restore(file: Path, data: Path | None) -> None:
    """Unpack a backup into an empty data folder."""
    target = data or Path(os.environ.get("SIP_DATA", "data"))
    backups.restore(file, target)
    click.echo(f"Restored into {target}. Start it with: sip serve --data {target}")


if __name__ == "__main__":
    main(prog_name="sip")
