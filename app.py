"""The server object: `gunicorn app:server`."""

from dashboard.factory import create_app
from dashboard.settings import from_environment

app = create_app(from_environment())
server = app.server
