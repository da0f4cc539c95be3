# Packages are built in the first stage; the second has neither compiler nor pip cache.

FROM python:3.13-slim AS packages
WORKDIR /build
COPY requirements/base.txt .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r base.txt

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/var/lib/portal \
    PROMETHEUS_MULTIPROC_DIR=/run/portal \
    PORT=8000
RUN useradd --system --create-home portal \
 && install -d -o portal /var/lib/portal /run/portal
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# The secrets of this one command are thrown away with it.
RUN env $(python -m licensing_portal.environment) VAR_DIR=/tmp/build \
    python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /tmp/build
USER portal
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port $PORT --workers ${WEB_WORKERS:-2} --blocking-threads 4 --respawn-failed-workers --log-level warning licensing_portal.wsgi:application"]
