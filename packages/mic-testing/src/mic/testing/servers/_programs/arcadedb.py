"""`python -m ... FOLDER BOLT_PORT HTTP_PORT DATABASE`: ArcadeDB with Bolt, until it is ended."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from mic.testing.servers._ports import LOOPBACK


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGKILL."""
    import arcadedb_embedded  # type: ignore[import-untyped]  # it has no types

    folder, bolt, http, database = arguments
    server = arcadedb_embedded.create_server(
        str(Path(folder) / "data"),
        root_password=os.environ["MIC_TESTING_PASSWORD"],
        config={
            "host": LOOPBACK,
            "http_port": int(http),
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "bolt_host": LOOPBACK,
            "bolt_port": int(bolt),
        },
    )
    server.start()
    server.create_database(database)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1:])
