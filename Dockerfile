# The server and nothing else: submissions and releases live in a volume at /data and are never in the image.
#
#   docker build -t parity-dashboard .
#   docker run --rm -v parity-data:/data parity-dashboard parity demo
#   docker run --rm --init -p 8050:8050 -v parity-data:/data parity-dashboard
#
# It serves the public figures: that process opens the public file of a release and no other. Internal figures are
# served to a network only behind a proxy that signs people in, which has to be named (README, "Settings"):
# -e PARITY_AUDIENCE=internal -e PARITY_USER_HEADER=X-Forwarded-User -e PARITY_USER_PROXIES=172.18.0.2

FROM python:3.11-slim

# Nobody in particular, by number so that a platform can check that it is not root.
RUN useradd --system --uid 10001 --create-home --home-dir /home/parity parity \
    && mkdir /data \
    && chown parity: /data

WORKDIR /app

# Packages first: they change less often than the code and are the slow part.
COPY requirements.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

COPY . .
# From the lock alone, without a network; in place, since assets, queries and code lists stand beside the code.
RUN python -m pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation --no-index -e . \
    && python -m compileall -q dashboard app.py

ENV PARITY_DATA_DIR=/data \
    PARITY_AUDIENCE=public \
    PARITY_HOST=0.0.0.0 \
    PARITY_PORT=8050 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

USER parity
VOLUME /data
EXPOSE 8050

# A slim image has no curl.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PARITY_PORT']}/healthz\", timeout=4)"]

CMD ["gunicorn", "-c", "gunicorn.conf.py", "app:server"]
