"""Every option, as data: flags, environment variables, keys of the file and the reference all come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rocketchat_contract.config import PROFILES

PREFIX = "ROCKETCHAT_CONTRACT_"
FILE = "rocketchat-contract.toml"

Kind = Literal["text", "path", "number", "whole", "rate", "switch", "texts"]
Place = Literal["flag", "environment", "file"]

EVERYWHERE: tuple[Place, ...] = ("flag", "environment", "file")
UNSEEN: tuple[Place, ...] = ("environment", "file")
"""For secrets: a command line can be read by every user of the machine."""

TELLS = {
    "text": "a text",
    "path": "a path",
    "number": "a number",
    "whole": "a whole number",
    "rate": "calls/seconds",
    "switch": "true or false",
    "texts": "a list of texts",
}


@dataclass(frozen=True)
class Option:
    """One option. ``name`` is its flag without dashes in front, and its key in the file.

    ``default`` is a text as the user would write it, or None; ``otherwise`` says what None means.
    ``example`` follows the name in the next step of an error. ``commands`` empty means every command that meets a
    target.
    """

    name: str
    kind: Kind
    about: str
    default: str | None = None
    otherwise: str = ""
    example: str = ""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    secret: bool = False
    places: tuple[Place, ...] = EVERYWHERE
    commands: tuple[str, ...] = ()
    group: str = ""

    @property
    def field(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.field.upper()

    def belongs_to(self, command: str) -> bool:
        """Whether a command takes it as a flag."""
        return "flag" in self.places and (not self.commands or command in self.commands or command == "config")


RUN = ("run", "pytest")
RUN_AND_PLAN = ("run", "plan", "pytest")

OPTIONS = (
    Option(
        "target",
        "text",
        "Base URL of the server, with its sub-path if it has one; on the command line the argument URL.",
        otherwise="the embedded reference server, also named `embedded`",
        example="https://chat.example.com",
        metavar="URL",
        places=("environment", "file"),
        group="What is run",
    ),
    Option(
        "profile",
        "text",
        "Budget and drivers.",
        otherwise="gate for a URL, full for the embedded server",
        example="gate",
        choices=tuple(PROFILES),
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "yes",
        "switch",
        "Ask no question before a live server is touched.",
        default="false",
        places=("flag", "environment"),
        commands=RUN,
        group="What is run",
    ),
    Option(
        "seed",
        "whole",
        "Of generated traffic; the same seed makes the same calls.",
        otherwise="random",
        example="7",
        metavar="NUMBER",
        least=0,
        commands=RUN,
        group="What is run",
    ),
    Option(
        "strict",
        "switch",
        "A broken should also ends with exit 1.",
        default="false",
        commands=RUN,
        group="What is run",
    ),
    Option(
        "repeat",
        "whole",
        "How often the whole traffic is made, into one record and one verdict, with that many times the budget.",
        default="1",
        example="10",
        metavar="TIMES",
        least=1,
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "shrink",
        "switch",
        "Also shrink what fails on a live server, which takes more calls; on the embedded one that is always done.",
        default="false",
        commands=RUN,
        group="What is run",
    ),
    Option(
        "fail-fast",
        "switch",
        "Stop at the first broken must.",
        default="false",
        commands=RUN,
        group="What is run",
    ),
    Option(
        "overlay",
        "path",
        "Your own OpenAPI overlay on top of the contract.",
        otherwise="none",
        example="house-rules.yaml",
        metavar="FILE",
        commands=RUN,
        group="What is run",
    ),
    Option(
        "baseline",
        "path",
        "Broken promises that somebody accepts: they do not fail the run.",
        otherwise="none",
        example="rocketchat-contract.baseline.toml",
        metavar="FILE",
        commands=RUN,
        group="What is run",
    ),
    Option(
        "contract",
        "path",
        "Folder that `spec vendor` wrote for another operation, judged instead of the suite's own.",
        otherwise="the suite's own",
        example="config-spec",
        metavar="FOLDER",
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "edition",
        "text",
        "Of the embedded server: newest, 7.10 or 3.7.",
        otherwise="newest",
        example="7.10",
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "wrong",
        "text",
        "Which deviation the embedded server has, by name.",
        otherwise="none",
        example="forgets_the_room",
        metavar="NAME",
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "set",
        "texts",
        "Any other setting of the embedded server.",
        otherwise="none",
        example="limit=5/60",
        metavar="NAME=VALUE",
        commands=RUN_AND_PLAN,
        group="What is run",
    ),
    Option(
        "corpus",
        "path",
        "Replay what earlier runs found and kept in this folder first, and keep there what this run finds.",
        otherwise="nothing is kept",
        example="corpus",
        metavar="FOLDER",
        commands=RUN_AND_PLAN,
        group="What is remembered",
    ),
    Option(
        "database",
        "texts",
        "Where Hypothesis keeps failing examples: a folder, redis://HOST:PORT/N, or both; only read where CI is set.",
        otherwise="nothing is kept",
        example=".hypothesis/examples",
        metavar="FOLDER|URL",
        commands=RUN,
        group="What is remembered",
    ),
    Option(
        "report-dir",
        "path",
        "Where each run gets a folder for its record and reports.",
        default="reports",
        example="reports",
        metavar="FOLDER",
        commands=("run", "pytest", "sweep"),
        group="What is written",
    ),
    Option(
        "secrets-file",
        "path",
        "Write the variables of the reproduction lines here, readable for you only.",
        otherwise="not written",
        example="secrets.env",
        metavar="FILE",
        commands=RUN,
        group="What is written",
    ),
    Option(
        "timeout",
        "number",
        "Seconds that one call may take.",
        default="30",
        example="30",
        metavar="SECONDS",
        least=0.05,
        group="Limits",
    ),
    Option(
        "run-timeout",
        "number",
        "Seconds that the drivers may take together; cleaning up comes after.",
        otherwise="no limit",
        example="1800",
        metavar="SECONDS",
        least=0.05,
        commands=RUN,
        group="Limits",
    ),
    Option(
        "limit",
        "rate",
        "Calls per seconds and route that the server allows, where it does not say so itself.",
        otherwise="what the server says",
        example="5/60",
        metavar="CALLS/SECONDS",
        group="Limits",
    ),
    Option(
        "give-up-after",
        "whole",
        "Calls without an answer in a row after which the run stops as incomplete.",
        default="8",
        example="8",
        metavar="CALLS",
        least=1,
        group="Limits",
    ),
    Option(
        "ca",
        "path",
        "PEM file of your own certificate authority.",
        otherwise="the system's authorities",
        example="ca.pem",
        metavar="FILE",
        group="Connection",
    ),
    Option(
        "cert",
        "path",
        "PEM file of your client certificate, with its key unless --key names it.",
        otherwise="none",
        example="client.pem",
        metavar="FILE",
        group="Connection",
    ),
    Option(
        "key",
        "path",
        "PEM file of the client certificate's key, not encrypted.",
        otherwise="in the file of --cert",
        example="client.key",
        metavar="FILE",
        group="Connection",
    ),
    Option(
        "insecure",
        "switch",
        "Do not check the server's certificate; every report says so.",
        default="false",
        group="Connection",
    ),
    Option(
        "proxy",
        "text",
        "HTTP proxy: asked to CONNECT for https, for the whole URL for http.",
        otherwise="none; proxy variables of the system are not read",
        example="http://proxy.example.com:3128",
        metavar="URL",
        group="Connection",
    ),
    Option(
        "host",
        "text",
        "Host header, and name in TLS, instead of the URL's.",
        otherwise="the URL's",
        example="chat.example.com",
        metavar="NAME",
        group="Connection",
    ),
    Option(
        "header",
        "texts",
        "Sent with every call; in the environment one per line.",
        otherwise="none",
        example="X-Team: chat",
        metavar='"NAME: VALUE"',
        group="Connection",
    ),
    Option(
        "credentials",
        "path",
        "TOML file with user-id and auth-token.",
        otherwise="none",
        example="credentials.toml",
        metavar="FILE",
        group="Secrets",
    ),
    Option(
        "user-id",
        "text",
        "X-User-Id of an agent or administrator.",
        otherwise="none",
        example="rbAXPnMktTFbNpwtJ",
        secret=True,
        places=UNSEEN,
        group="Secrets",
    ),
    Option(
        "auth-token",
        "text",
        "X-Auth-Token of the same.",
        otherwise="none",
        example="(see Rocket.Chat: personal access tokens)",
        secret=True,
        places=UNSEEN,
        group="Secrets",
    ),
    Option(
        "redis-password",
        "text",
        "Password of the Redis that --database names.",
        otherwise="none",
        example="(see your Redis)",
        secret=True,
        places=UNSEEN,
        group="Secrets",
    ),
    Option(
        "token",
        "text",
        "Token of a visitor who exists and has an open room, for the profile readonly alone.",
        otherwise="none",
        example="iNKE8a6k6cjbqWhWd",
        secret=True,
        commands=RUN_AND_PLAN,
        group="Secrets",
    ),
)

BY_FIELD = {option.field: option for option in OPTIONS}
