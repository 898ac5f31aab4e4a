"""By what an administrator and the redaction know the visitors that a run makes up."""

TOKEN_LEAD = "rcc"  # noqa: S105 - what tokens have in common
"""What each token begins with, before the mark of its run."""

NAME_LEAD = "contract suite"
"""What each name begins with, before the id of its run."""


def name_in_search(run: str) -> str:
    """What to search for in Omnichannel to find the visitors of a run."""
    return f"{NAME_LEAD} {run[-8:]}"
