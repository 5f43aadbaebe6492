"""The falin command, one module per group. Commands that need no agent do not import Rasa and start in under a second."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Any

import click

os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
# The products of a turn are small: waking a second thread of the numbers library costs more than it saves.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Warnings of libraries are for developers: the tests see them, people at a terminal need not.
# Rasa and TensorFlow set the filters anew when imported, so the filters alone do not help.
warnings.showwarning = lambda *_arguments, **_options: None

from bot.cli import demo, figures, importing, knowledge, laws, members, reporting, running, setting_up  # noqa: E402  after the warnings are set
from bot.domain.errors import ConfigError, FalinError  # noqa: E402
from bot.settings import InvalidSetting, read_settings  # noqa: E402


class FalinGroup(click.Group):
    """Turns falin's errors into one clear message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FalinError as error:
            click.secho(f"falin: {error}", fg="red", err=True)
            sys.exit(error.exit_code)
        except InvalidSetting as error:
            click.secho(f"falin: {error}", fg="red", err=True)
            sys.exit(ConfigError.exit_code)


@click.group(cls=FalinGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="falin")
@click.pass_context
def main(ctx: click.Context) -> None:
    """法邻 falin: a legal assistant for the residents of a street."""
    ctx.obj = read_settings()


for command in (
    setting_up.init,
    running.run,
    running.chat,
    running.ask,
    running.evaluate,
    running.train,
    knowledge.knowledge,
    laws.laws,
    figures.stats,
    figures.cases,
    figures.export,
    demo.demo,
    importing.import_list,
    reporting.report,
    reporting.year,
    members.invite,
    members.member,
    setting_up.db,
    setting_up.doctor,
):
    main.add_command(command)
