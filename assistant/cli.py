"""The command line: ``softspoken``."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from . import batch
from .content import Content
from .errors import InputError, SoftspokenError
from .settings import Settings, load_settings
from .types import Message

app = typer.Typer(
    name="softspoken",
    help="A supportive reflection assistant, grounded in a guide about emotional safety.\n\n"
    "Start with `softspoken serve` and open the address it prints, or with `softspoken chat`.\n"
    "It is an AI for reflection: not a therapist, not a judge, not for emergencies.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
exercises_app = typer.Typer(help="Look at the exercises.", no_args_is_help=True)
conversations_app = typer.Typer(help="Look at, export or erase what is kept.", no_args_is_help=True)
app.add_typer(exercises_app, name="exercises")
app.add_typer(conversations_app, name="conversations")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

PERSONS = Path("evals/persons")
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Read JSON lines on stdin, write JSON lines.")]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
ExerciseName = Annotated[
    str | None, typer.Option("-e", "--exercise", help="An exercise; see `exercises list`.")
]
Text = Annotated[str | None, typer.Argument(help="The text; without it, it is read from stdin.")]


def main() -> None:
    """Run the command line; any error is one sentence on stderr and exit status 2."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        app()
    except SoftspokenError as error:
        err.print(f"softspoken: {escape(str(error))}")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"softspoken {version('softspoken')}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="The version.")
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=0, max=65535)] = 8765,
) -> None:
    """Serve the page and the API on this computer."""
    from .serving import serve as run

    settings = load_settings()
    run(settings, host, port, announce=lambda line: err.print(escape(line)))


@app.command()
def chat(exercise: ExerciseName = None) -> None:
    """Talk in the terminal. An empty line or Ctrl-D ends it; nothing is kept."""
    from .conversation import Assistant

    assistant = Assistant.from_settings(store=False)
    chosen = assistant.prompts.exercise(exercise)
    out.print(
        f"[dim]Softspoken is an AI for reflection, not a therapist. {_where(assistant)}[/dim]"
    )
    out.print(f"\n{escape(chosen.metadata.opening)}\n")
    history: list[Message] = []
    runner = asyncio.Runner()
    while text := _ask_line():
        try:
            reply = runner.run(assistant.reply(text, history, chosen.name))
        except InputError as error:
            err.print(escape(str(error)))
            continue
        out.print(f"\n{escape(reply.text)}\n")
        if reply.takeaway:
            out.print(f"[bold]To take away[/bold]\n{escape(reply.takeaway)}\n")
        if reply.resources:
            _print_help(reply.resources)
        history.append(Message("user", text, chosen.name))
        history.append(Message("assistant", reply.text, chosen.name, reply.step, reply.outcome))


@app.command()
def reply(text: Text = None, exercise: ExerciseName = None, jsonl: Jsonl = False) -> None:
    """Answer one message, or many: {"id", "text", "history"?, "exercise"?} a line."""
    from .conversation import Assistant

    assistant = Assistant.from_settings(store=False)

    runner = asyncio.Runner()

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        name = batch.optional_text(row, "exercise") or exercise
        given = runner.run(assistant.reply(batch.text(row), batch.history(row), name))
        return batch.reply_json(given)

    if jsonl:
        _batch(answer)
        return
    given = runner.run(assistant.reply(_text(text), (), exercise))
    out.print(escape(given.text))
    if given.resources:
        _print_help(given.resources)


@app.command()
def screen(text: Text = None, jsonl: Jsonl = False) -> None:
    """Screen a message for danger: level, category, subject and evidence."""
    from .languages import LanguageDetector
    from .risk import RiskEncoder
    from .screening import Screener

    content = _content()
    languages = LanguageDetector(content.languages)
    screener = Screener(content.crisis, RiskEncoder(content.crisis.model), languages)

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        return batch.screening_json(screener.screen(batch.text(row), batch.history(row)))

    _one_or_batch(text, jsonl, answer)


@app.command()
def review(text: Text = None, jsonl: Jsonl = False) -> None:
    """Review a reply as if it were about to be said: verdict and findings with their spans."""
    from .languages import LanguageDetector
    from .review import Reviewer

    content = _content()
    reviewer = Reviewer(content.review, LanguageDetector(content.languages))

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        user = batch.optional_text(row, "user") or ""
        return batch.review_json(reviewer.review(batch.text(row, blank=True), user=user))

    _one_or_batch(text, jsonl, answer)


@app.command()
def search(
    query: Annotated[str | None, typer.Argument(help="What to look for in the guide.")] = None,
    k: Annotated[int, typer.Option("-k", help="How many at most.", min=1, max=20)] = 5,
    as_json: AsJson = False,
    jsonl: Jsonl = False,
) -> None:
    """Find principles of the guide; with --jsonl one {"id", "query"} a line."""
    from .building import load_encoder
    from .knowledge import Knowledge

    settings = load_settings()
    content = _content(settings)
    encoder = load_encoder(content)
    knowledge = Knowledge(content.principles, encoder, settings.data / "index", content.retrieval)

    def answer(row: dict[str, Any]) -> dict[str, Any]:
        wanted = batch.text(row, "query" if "query" in row else "text")
        return {"results": [batch.result_json(r) for r in knowledge.search(wanted, k)]}

    if jsonl:
        _batch(answer)
        return
    found = answer({"query": _text(query)})
    if as_json:
        _write({"id": None, **found})
        return
    if not found["results"]:
        out.print("The guide has nothing on this.")
    titles = {section.id: section.title for section in content.sections}
    for result in found["results"]:
        about = f"[dim]{result['id']}, {result['score']:.2f}[/dim]"
        out.print(f"[bold]{escape(result['title'])}[/bold]  {about}")
        out.print(f"{escape(titles[result['section']])}\n{escape(result['text'])}\n")


@app.command()
def simulate(
    ids: Annotated[list[str] | None, typer.Argument(help="Persons by id; all without.")] = None,
    persons: Annotated[Path, typer.Option(help="The folder of scripted persons.")] = PERSONS,
    part: Annotated[
        Literal["dev", "aside", "fresh", "blind"] | None,
        typer.Option(help="Only one part of them."),
    ] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="Write a transcript each into this folder.")
    ] = None,
    sheet: Annotated[
        int, typer.Option(help="Write a rating sheet of this many replies instead.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="Which replies are drawn for the sheet.")] = 0,
) -> None:
    """Play scripted persons against the assistant; write transcripts or a rating sheet."""
    from .conversation import Assistant
    from .simulation import load_persons, play, rating_sheet, transcript

    known = load_persons(persons, part)
    unknown = sorted(set(ids or ()) - {person.id for person in known})
    chosen = [person for person in known if not ids or person.id in ids]
    if unknown or not chosen:
        named = f" is called {unknown[0]!r}" if unknown else " matches"
        raise InputError(f"No scripted person{named}. `ls` the folder of persons for their ids.")
    assistant = Assistant.from_settings(store=False)
    runner = asyncio.Runner()
    played = [runner.run(play(person, assistant)) for person in chosen]
    if sheet:
        for row in rating_sheet(played, sheet, seed):
            _write(row)
        return
    for conversation in played:
        if out_folder is None:
            out.print(escape(transcript(conversation)))
            continue
        out_folder.mkdir(parents=True, exist_ok=True)
        path = out_folder / f"{conversation.person.id}.md"
        path.write_text(transcript(conversation), encoding="utf-8")


@app.command()
def doctor(
    counts: Annotated[
        bool, typer.Option("--counts", help="Show how many crises were answered, by category.")
    ] = False,
) -> None:
    """Check the settings, the data files, the folders and the model; say where messages go."""
    from .checkup import checks

    if counts:
        counted = _store().escalations()
        for category, count in counted.items():
            out.print(f"{category} {count}")
        if not counted:
            out.print("no crisis was answered here yet")
        return

    worst = 0
    for check in checks(load_settings()):
        mark = {"ok": "[green]ok  [/green]", "note": "[yellow]note[/yellow]"}.get(
            check.status, "[red]fail[/red]"
        )
        out.print(f"{mark} {escape(check.name)}: {escape(check.says)}")
        worst = max(worst, int(check.status == "fail"))
    raise typer.Exit(worst)


@exercises_app.command("list")
def exercises_list(as_json: AsJson = False) -> None:
    """List the exercises."""
    from .building import load_prompts

    prompts = load_prompts(_content())
    if as_json:
        _write([batch.exercise_json(e) for e in prompts.exercises.values()])
    else:
        table = Table(box=None, pad_edge=False)
        for heading in ("name", "minutes", "steps", "what it is for"):
            table.add_column(heading)
        for e in prompts.exercises.values():
            minutes, steps = str(e.metadata.minutes), str(len(e.metadata.steps))
            table.add_row(e.name, minutes, steps, escape(e.description))
        out.print(table)
    for problem in prompts.problems:
        err.print(f"not available: {escape(problem)}")


@exercises_app.command("show")
def exercises_show(name: str, as_json: AsJson = False) -> None:
    """Show one exercise: its steps and its prompt."""
    from .building import load_prompts

    exercise = load_prompts(_content()).exercise(name)
    if as_json:
        _write(batch.exercise_json(exercise))
        return
    out.print(f"[bold]{escape(exercise.displayName)}[/bold] ({exercise.name} {exercise.version})")
    out.print(
        f"{escape(exercise.description)}\n\nOpens with: {escape(exercise.metadata.opening)}\n"
    )
    for number, step in enumerate(exercise.metadata.steps, 1):
        out.print(f"{number}. {escape(step.title)}: {escape(step.ask[0])}")
    out.print(f"\n{escape(exercise.body)}")


@conversations_app.command("list")
def conversations_list() -> None:
    """List the conversations kept on this computer, newest first."""
    for c in _store().conversations(None):
        out.print(f"{c.id}  {c.updated[:16].replace('T', ' ')}  {c.exercise}  {escape(c.title)}")


@conversations_app.command("export")
def conversations_export(
    form: Annotated[str, typer.Option("--format", help="json or markdown.")] = "json",
) -> None:
    """Write all kept conversations to stdout."""
    from .export import export

    if form not in ("json", "markdown"):
        raise InputError("--format must be json or markdown.")
    sys.stdout.write(export(_store().conversations(None, whole=True), form))  # type: ignore[arg-type]


@conversations_app.command("erase")
def conversations_erase(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask first.")] = False,
) -> None:
    """Erase all kept conversations for good."""
    if not yes:
        typer.confirm("Erase every conversation kept on this computer, for good?", abort=True)
    count = _store().erase(None)
    out.print(f"Erased: {count} conversation{'' if count == 1 else 's'}.")


def _content(settings: Settings | None = None) -> Content:
    settings = settings or load_settings()
    return Content(settings.content, settings.exercises)


def _store() -> Any:
    from .records import open_store

    return open_store(load_settings())


def _where(assistant: Any) -> str:
    model = assistant.model
    return f"Messages go to {model.host}." if model else "Nothing you write leaves this computer."


def _text(given: str | None) -> str:
    if given is not None:
        return given
    if sys.stdin.isatty():
        err.print("Write the text, then Ctrl-D:")
    return sys.stdin.buffer.read().decode("utf-8", "replace")


def _ask_line() -> str:
    try:
        return out.input("[bold]You[/bold] ").strip()
    except EOFError:
        return ""


def _print_help(resources: Any) -> None:
    out.print(f"[bold]Emergency:[/bold] {escape(resources.emergency)}")
    for line in resources.lines:
        ways = ", ".join(way for way in (line.call, line.text, line.chat) if way)
        note = "" if line.sure else " (please check this one)"
        out.print(f"[bold]{escape(line.name)}[/bold]: {escape(ways)}. {escape(line.hours)}{note}")


def _one_or_batch(
    text: str | None, jsonl: bool, answer: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    if jsonl:
        _batch(answer)
    else:
        _write(answer({"text": _text(text)}))


def _batch(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """One JSON object out for each line in; a bad line gives an error object and exit status 1."""
    failed = False
    for row in batch.rows(_lines(), answer):
        failed = failed or "error" in row
        _write(row)
    if failed:
        raise typer.Exit(1)


def _lines() -> Iterator[str]:
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace")


def _write(value: Any) -> None:
    line = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
