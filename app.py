"""The server object: `gunicorn app:server`."""

from dashboard.access import ByPort
from dashboard.factory import create_app
from dashboard.settings import from_environment, public_view

settings = from_environment()
app = create_app(settings)
#: Every application this process serves; the first is the one the settings ask for.
apps = [app]
server = app.server
if settings.public_port is not None:
    # Complete and separate, with files of its own: what the public sees, for whoever has the internal view in front.
    apps.append(create_app(public_view(settings)))
    server = ByPort(app.server, apps[1].server, settings.port)
