"""The published client `oneroster` reading all users into a list: `python -m benchmarks.rival URL`.

It stands in a folder of its own beside the environment, because it brings a package named `tests`. It follows `next`
links, one page after the other with a new connection each, signs with OAuth 1.0a (which the page server does not look
at), and keeps the users as they came. It can read nothing else without asking for each class or school.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

FOLDER = Path(sys.prefix, "rival")
"""Where `make bench` installs it."""


def main(url: str) -> None:
    """Read the users and say how many there are."""
    sys.path.append(str(FOLDER))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # its own, which it has since Python 3.8
        from oneroster import ClasslinkConnector  # type: ignore[import-not-found]  # noqa: PLC0415 - silenced now
    connector = ClasslinkConnector(f"{url}/", client_id="bench", client_secret="bench", page_size=1000)  # noqa: S106
    print(len(connector.get_users(user_filter="users")))  # noqa: T201 - a script


if __name__ == "__main__":
    main(*sys.argv[1:])
