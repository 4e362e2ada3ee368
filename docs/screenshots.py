"""`make screenshots`: pictures of the pages for the README, taken from the sample employer in the system's Chromium.

Writes docs/screenshots/*.png: small, 8 bits of colour where `pngquant` is installed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "screenshots"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1100, "height": 760}
START_SECONDS = 60


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or sys.exit("chromium is not installed")
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "infra.local", "--data", data, "--seed", "demo", "--port", "0", "--console-port", "0"]
        runner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            take(chromium, ready(Path(data) / "ready.json"))
        finally:
            runner.terminate()
            runner.wait(20)
    if quant := shutil.which("pngquant"):
        subprocess.check_call([quant, "--force", "--ext", ".png", "--skip-if-larger", *map(str, OUT.glob("*.png"))])


def ready(path: Path) -> dict[str, str]:
    until = time.monotonic() + START_SECONDS
    while not path.exists():
        if time.monotonic() > until:
            sys.exit("the local runner did not start")
        time.sleep(0.2)
    return dict(json.loads(path.read_text()))


def console(about: dict[str, str], path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(about["console"] + path, data, timeout=60) as answer:
        return json.load(answer)


def links(about: dict[str, str], part: str) -> list[str]:
    entries = console(about, "/outbox")["data"]
    return [found[0] for entry in entries for found in re.finditer(rf"http\S+{part}[\w-]+", entry["body"])]


def take(chromium: str, about: dict[str, str]) -> None:
    from playwright.sync_api import sync_playwright

    console(about, "/clock", {"advance_hours": 26})
    console(about, "/tick", {})
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page(viewport=PHONE, color_scheme="light")
        page.goto(links(about, "/invitations/")[-1])
        page.click("main button")
        page.wait_for_selector("#today")
        page.screenshot(path=OUT / "today-phone.png")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(DESK)
        page.goto(about["api"] + "/")  # once more: colours that fade from light to dark would be caught half-way
        page.screenshot(path=OUT / "today-desk-dark.png")
        page.emulate_media(color_scheme="light")
        page.goto(about["api"] + "/reports/risk")
        page.screenshot(path=OUT / "report-desk.png")
        page.goto(about["api"] + "/")
        page.click("h3 a")
        page.wait_for_selector(".timeline")
        page.set_viewport_size(PHONE)
        page.screenshot(path=OUT / "application-phone.png")
        page.goto(links(about, "/f/")[0])
        page.screenshot(path=OUT / "candidate-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
