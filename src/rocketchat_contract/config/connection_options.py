"""The options of how a target is reached."""

from __future__ import annotations

from rocketchat_contract.config.option import Option

CONNECTION_OPTIONS = (
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
)
