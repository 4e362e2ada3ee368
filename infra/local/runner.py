"""Starts, runs and stops Heardback on one machine: one process and two engines."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.web.formatting import full_moment
from infra.local import demo, design, outbox
from infra.local.clock import MovableClock
from infra.local.console import Console, ConsoleServer
from infra.local.data import DataDirectory
from infra.local.engines import Engine, EngineFailed, dynoxide_binary, secret_host, start_dynoxide, start_ministack
from infra.local.environment import INBOUND_MAIL, QUEUE, environment, prepare, set_environment
from infra.local.feedback import Feedback
from infra.local.files import Damaged, Unwritable
from infra.local.pumps import Pumps
from infra.local.server import ApiServer

TICK_SECONDS = 60
"""As on AWS. The console's /tick does it at once."""
POLL_SECONDS = 1
ROOM_LEAST = 1024 * 1024
"""Bytes of a disk below which it is called full."""
NO_DYNOXIDE = "Note: dynoxide is not installed, so MiniStack's own DynamoDB serves. It keeps records only over a clean stop."


class PortTaken(Exception):
    """Something else listens on the port."""


class Runner:
    """`run` returns after Ctrl-C or SIGTERM."""

    def __init__(self, data: Path, *, port: int, console_port: int, fresh: bool, seed: bool) -> None:
        import app  # reads no setting yet

        self._app = app
        self._api = _bound("--port", port, lambda: ApiServer(app.app, port, design.PAGES))
        self._console = _bound("--console-port", console_port, lambda: ConsoleServer(console_port))
        self._data = DataDirectory(data, fresh=fresh)
        self._seed = seed
        self._stopping = threading.Event()
        self._jobs_ended = threading.Event()
        self._undone = contextlib.ExitStack()
        self._engines: list[Engine] = []
        self._ended = ""
        """How an engine ended that was started again."""
        self._host = secret_host()
        self._next_tick = time.monotonic() + TICK_SECONDS

    def run(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        with self._undone:
            self._undone.callback(self._data.close)
            self._start_or_say_why_not()
            self._stopping.wait()
            print("\nStopping.", flush=True)

    def _start_or_say_why_not(self) -> None:
        """Raises EngineFailed or Unwritable where an engine ended meanwhile, or the disk is full: both look like other errors."""
        try:
            self._start()
        except (Damaged, EngineFailed, Unwritable):
            raise
        except Exception as error:
            ended = next((engine.how_it_ended() for engine in self._engines if not engine.alive), None) or self._ended
            if ended:
                raise EngineFailed(ended) from error
            if shutil.disk_usage(self._data.path).free < ROOM_LEAST:
                raise Unwritable(f"the disk of {self._data.path} is full: make room, or name another with --data") from error
            raise

    def _start(self) -> None:
        self._secrets = self._data.secrets()
        self._clock = MovableClock(self._data / "clock.json")
        self._outbox = outbox.Outbox(self._data / "outbox.jsonl")
        self._start_engines()
        self._tell_app()
        from chalicelib import wiring
        from chalicelib.integrations.webhooks import ssrf_guard

        ssrf_guard.trust_local_receiver(self._data.listener)
        wiring.set_clock(self._clock)
        prepare()
        self._in_thread(self._watch_engines, self._jobs_ended.set)  # stops last: an engine ends with the thread that started it
        outbox.watch(wiring.sns(), wiring.ses(), self._outbox.add, self._clock)
        self._pumps = Pumps(self._app, wiring.sqs(), self._engines[-1].url, self._clock)
        console = Console(self._clock, self._outbox.entries, self._tick_now, self._about, self._feedback())
        self._in_thread(self._api.serve, self._api.stop)
        self._in_thread(lambda: self._console.serve(console), self._console.stop)
        if self._seed and "employer_key" not in self._secrets:
            demo.seed(self._about()["api"], self._secrets, self._clock(), self._data.keep_secrets)
            self._tick_now()
        self._in_thread(self._pump, lambda: None)
        for queue in self._pumps.background_queues:
            self._in_thread(lambda queue=queue: self._pump_queue(queue), lambda: None)  # type: ignore[misc]
        self._data.write_ready(self._about())
        self._print()

    def _feedback(self) -> Feedback:
        return Feedback(self._app, self._clock, self._outbox.entries)

    def _start_engines(self) -> None:
        """Start the table's engine first, MiniStack last; or MiniStack alone where it serves as both."""
        given = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB")
        on_ministack = not given and dynoxide_binary() is None
        if not given and not on_ministack:
            self._add_engine(
                start_dynoxide(database=self._data / "dynamodb.db", log=self._data / "dynoxide.log", host=self._host)
            )
        if on_ministack:
            print(NO_DYNOXIDE, flush=True)
        services = "sqs,sns,ses,sesv2,s3" + (",dynamodb" if on_ministack else "")
        self._add_engine(
            start_ministack(
                services=services,
                state=self._data / "ministack" if on_ministack else None,
                log=self._data / "ministack.log",
                host=self._host,
            )
        )
        self._dynamodb_url = given or self._engines[0].url

    def _add_engine(self, engine: Engine) -> None:
        self._engines.append(engine)
        self._data.record_engines(self._engines)
        self._undone.callback(engine.stop)

    def _tell_app(self) -> None:
        values = (
            environment(
                self._dynamodb_url,
                self._engines[-1].url,
                f"http://127.0.0.1:{self._api.port}",
                self._secrets["secret"],
                self._secrets["operator_key"],
            )
            | INBOUND_MAIL
        )
        if os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"):  # may be AWS itself: the user's own region and credentials
            values = {name: value for name, value in values.items() if not name.startswith("AWS_") or name not in os.environ}
            os.environ.update(values)
        else:
            set_environment(values)

    def _in_thread(self, work: Callable[[], None], stop: Callable[[], None]) -> None:
        """Stop in the opposite order, the servers before the engines."""
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self._undone.callback(thread.join, 10)
        self._undone.callback(stop)

    def _pump(self) -> None:
        """Do what EventBridge and the SQS mapping do on AWS. Errors are printed, and it goes on."""
        while not self._stopping.wait(POLL_SECONDS):
            try:
                if time.monotonic() >= self._next_tick:
                    self._next_tick = time.monotonic() + TICK_SECONDS
                    self._pumps.tick()
                self._drain(QUEUE)
                self._pumps.dead_letters()
                self._pumps.nightly()
            except Exception:
                traceback.print_exc()

    def _pump_queue(self, queue: str) -> None:
        """Do what the SQS mapping of one queue does, so that its slow work delays no other queue."""
        while not self._stopping.wait(POLL_SECONDS):
            try:
                self._drain(queue)
            except Exception:
                if not self._stopping.is_set():
                    traceback.print_exc()

    def _drain(self, queue: str) -> None:
        """Work a queue off. What follows from that is due at once, and waits for no minute here."""
        if self._pumps.drain(queue):
            self._pumps.tick()

    def _tick_now(self) -> dict[str, Any]:
        """Tick until nothing is due. `due`: records worked; `sent`: messages that SNS and SES accepted; `deferred`: records
        that sent nothing now (outside the window, answered meanwhile, no address)."""
        self._next_tick = time.monotonic() + TICK_SECONDS
        before = self._outbox.size
        counts = self._pumps.until_nothing_is_due()
        sent = [entry["channel"] for entry in self._outbox.entries(before)]
        return {
            "due": counts["due"],
            "sent": len(sent),
            "deferred": max(0, counts["due"] - len(sent)),
            "sms": sent.count("sms"),
            "email": sent.count("email"),
            "ticks": counts["ticks"],
        }

    def _watch_engines(self) -> None:
        """Restart killed engines until the runner stops, in a thread of its own: a job that waits for one must not block it."""
        while not self._jobs_ended.wait(POLL_SECONDS):
            try:
                self._mend_engines()
            except (EngineFailed, Unwritable) as error:
                print(error, flush=True)
            except Exception:
                traceback.print_exc()

    def _mend_engines(self) -> None:
        """Restart a killed engine on its port: dynoxide with its records, MiniStack with new queues."""
        for engine in self._engines:
            if not engine.alive and not self._stopping.is_set():
                self._ended = engine.how_it_ended()
                print(f"{engine.name} ended; starting it again.", flush=True)
                engine.start_again()
                if engine is self._engines[-1]:
                    prepare()
                self._data.record_engines(self._engines)

    def _about(self) -> dict[str, str]:
        """The content of ready.json."""
        about = {
            "api": f"http://127.0.0.1:{self._api.port}",
            "console": f"http://127.0.0.1:{self._console.port}",
            "operator_key": self._secrets["operator_key"],
        }
        if "employer_key" in self._secrets:
            about |= {"employer_key": self._secrets["employer_key"], "login_url": f"{about['api']}/sign-in"}
        return about

    def _print(self) -> None:
        about = self._about()
        moved = f"\n  Clock     moved: it is {full_moment(self._clock(), 'UTC')} UTC here" if self._clock.is_moved else ""
        print(f"""
Heardback is up.

  API       {about["api"]}
  Console   {about["console"]}   what was sent, and a clock that can be moved
  Data      {self._data.path}   (--fresh begins again){moved}

  operator key   {about["operator_key"]}""")
        if "employer_key" in about:
            print(f"  employer key   {about['employer_key']}")
            print(demo.lines_to_try(about))
        print("\nCtrl-C stops everything.", flush=True)


def _bound(option: str, port: int, bind: Callable[[], Any]) -> Any:
    """Checked before any engine starts, so that a taken port is reported at once."""
    try:
        return bind()
    except OSError as error:
        by_make = f'make run RUN_OPTIONS="{option} …"'
        raise PortTaken(f"port {port} cannot be used ({error.strerror}): name another with {option} ({by_make})") from None
