"""`make openapi`: writes docs/openapi.json and docs/problems.md from the code."""

from __future__ import annotations

import json
from pathlib import Path

import app  # noqa: F401 - registers the routes
from chalicelib.openapi.document import document
from chalicelib.openapi.problem_codes import as_page

docs = Path(__file__).parents[1] / "docs"
(docs / "openapi.json").write_text(json.dumps(document(), indent=1, ensure_ascii=False) + "\n")
(docs / "problems.md").write_text(as_page())
