"""The hall of doors: what comes in, and who takes it. The only caller of now()."""

from typing import Any

from chalice import Chalice, Cron, Rate, Response
from chalice.app import CloudWatchEvent, Request, SQSEvent

from chalicelib import wiring
from chalicelib.access.keys.routes import keys
from chalicelib.access.routes import answer
from chalicelib.access.unsubscribe.routes import unsubscribe
from chalicelib.applications.employers.routes import employers
from chalicelib.applications.routes import records
from chalicelib.wiring import now

app = Chalice(app_name="heardback")
for wing in (employers, keys, records, unsubscribe):
    app.register_blueprint(wing)


@app.middleware("http")
def door(request: Request, get_response: Any) -> Response:
    """Every HTTP request, on its way in and out."""
    wiring.start()
    return answer(request, get_response, now())
