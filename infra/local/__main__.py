"""python -m infra.local [--port 8000] [--console-port 8001] [--data .local] [--fresh] [--seed demo|none]"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from infra.local.data import InUse, Unusable
from infra.local.engines import EngineFailed
from infra.local.files import Damaged, Unwritable
from infra.local.runner import PortTaken, Runner


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to 65535")
    return int(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Heardback on one machine.")
    parser.add_argument("--port", type=port, default=8000, help="of the API; 0 takes a free one (default: 8000)")
    parser.add_argument("--console-port", type=port, default=8001, help="of the console; 0 takes a free one (default: 8001)")
    parser.add_argument("--data", type=Path, default=Path(".local"), help="keeps records, outbox and keys (default: .local)")
    parser.add_argument("--fresh", action="store_true", help="begin with empty data")
    parser.add_argument("--seed", choices=("demo", "none"), default="none", help="demo: a sample employer with candidates")
    options = parser.parse_args()
    os.umask(0o077)  # of the engines' files too
    try:
        Runner(
            options.data.resolve(),
            port=options.port,
            console_port=options.console_port,
            fresh=options.fresh,
            seed=options.seed == "demo",
        ).run()
    except (InUse, Unusable, Damaged, EngineFailed, PortTaken, Unwritable) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the runner listens for it
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
