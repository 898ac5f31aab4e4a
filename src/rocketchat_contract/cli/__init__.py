"""The command line: options in, exit code out. Even its own modules are imported where a Ctrl-C is understood."""

from __future__ import annotations

import sys

_INCOMPLETE, _ERROR = 3, 4
"""As in ``errors.ExitCode``, which is not imported when these are needed."""


def main() -> None:
    """Run the command line."""
    try:
        from rocketchat_contract.cli.streams import keep_streams_usable

        keep_streams_usable()
        from rocketchat_contract.cli.commands import cli

        cli(prog_name="rocketchat-contract")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(_INCOMPLETE)
    except Exception:  # Python's own exit code of a traceback is 1, which here means violated
        import traceback

        traceback.print_exc()
        sys.stderr.write("This is an error of the suite itself. Please report it with the lines above.\n")
        sys.exit(_ERROR)
