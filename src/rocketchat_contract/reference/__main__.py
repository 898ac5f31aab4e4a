"""The reference server's own process: ``python -m rocketchat_contract.reference``.

Takes ``--port=N`` and any number of ``--set=NAME=VALUE``. Prints one line of JSON when it accepts
connections, and stops when its standard input ends.
"""

from __future__ import annotations

import gc
import json
import os
import sys

from rocketchat_contract.errors import ContractError
from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.server import LOOPBACK, run_server
from rocketchat_contract.reference.settings import Settings


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    options = [argument.partition("=")[::2] for argument in arguments]
    port = next((int(value) for name, value in options if name == "--port"), 0)
    try:
        app = make_app(Settings().with_pairs(value for name, value in options if name == "--set"))
        document = {"password": app.password, "pid": os.getpid()}
        gc.freeze()  # what is imported stays: looking through it again would cost single calls some milliseconds
        run_server(
            app,
            LOOPBACK,
            port,
            lambda url: print(json.dumps({"url": url, **document}), flush=True),
            until_input_ends=True,
        )
    except ContractError as error:
        sys.stderr.write(f"{error}\n")
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
