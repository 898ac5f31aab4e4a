"""All commands, and how their errors are told. Heavy imports wait inside the commands that need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from rocketchat_contract import __version__
from rocketchat_contract.cli.baseline import baseline
from rocketchat_contract.cli.bundle import bundle, verify
from rocketchat_contract.cli.config import config
from rocketchat_contract.cli.fleet import fleet
from rocketchat_contract.cli.history import diff, history
from rocketchat_contract.cli.judge import judge
from rocketchat_contract.cli.notify import notify, write_metrics_file
from rocketchat_contract.cli.plan import plan
from rocketchat_contract.cli.prove import prove
from rocketchat_contract.cli.prune import prune
from rocketchat_contract.cli.repeat import repeat
from rocketchat_contract.cli.replay import replay
from rocketchat_contract.cli.requirements import requirements
from rocketchat_contract.cli.run import run
from rocketchat_contract.cli.serve import serve
from rocketchat_contract.cli.spec import spec
from rocketchat_contract.cli.sweep import sweep
from rocketchat_contract.errors import ContractError, ExitCode, SuiteError
from rocketchat_contract.face.console import say, say_folded


class Commands(click.Group):
    """Renders our errors in one place: what happened, one next step, and the kind's exit code."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its whole first sentence."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(200)) for name, each in commands if each is not None])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ContractError as error:
            tell = say if isinstance(error, SuiteError) else say_folded  # it may hold a traceback
            tell(f"Error: {error.problem}\n{error.next_step}", err=True)
            _keep(ctx, error)
            ctx.exit(int(error.exit_code))
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            path = (error.ctx or ctx).command_path
            say_folded(f"Error: {error.format_message()}\nSee: {path} --help", err=True)
            ctx.exit(int(ExitCode.USAGE))
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(int(ExitCode.INCOMPLETE))


def _keep(ctx: click.Context, error: ContractError) -> None:
    """Write the error as values where whoever started the command asked for it."""
    path = ctx.params.get("refusal")
    if path is not None:
        content = {"problem": error.problem, "next_step": error.next_step, "exit_code": int(error.exit_code)}
        path.write_text(json.dumps(content), encoding="utf-8")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="rocketchat-contract")
@click.option("--refusal", type=click.Path(dir_okay=False, path_type=Path), hidden=True)
def cli(refusal: Path | None) -> None:
    """Does a Rocket.Chat deployment keep the contract of GET /api/v1/livechat/room?

    Exit codes: 0 conformant, 1 violated, 2 usage, 3 incomplete or declined, 4 error of the suite.
    """


_COMMANDS = (
    run,
    plan,
    repeat,
    sweep,
    judge,
    requirements,
    baseline,
    bundle,
    verify,
    diff,
    history,
    prune,
    notify,
    write_metrics_file,
    fleet,
    config,
    spec,
    serve,
    replay,
    prove,
)
for command in _COMMANDS:
    cli.add_command(command)
