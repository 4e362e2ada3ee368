"""`make openapi`: writes docs/openapi.json from the code."""

from __future__ import annotations

import json
from pathlib import Path

import app  # noqa: F401 - registers the routes
from chalicelib.openapi.document import document

path = Path(__file__).parents[1] / "docs" / "openapi.json"
path.write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n")
