# docker build --tag tierline .
# The environment is exactly uv.lock: uv refuses a package whose hash is another one.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
WORKDIR /src
ENV UV_PROJECT_ENVIRONMENT=/opt/tierline UV_PYTHON=/usr/local/bin/python UV_PYTHON_DOWNLOADS=never \
    UV_LINK_MODE=copy UV_NO_CACHE=1
COPY requirements-uv.txt ./
RUN python -m pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-uv.txt
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-dev --no-install-project --compile-bytecode
COPY README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY storage storage
COPY migrations migrations
RUN uv sync --locked --no-dev --no-editable --compile-bytecode

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin tierline \
    && install --directory --owner tierline --group tierline --mode 0700 /data
COPY --from=build /opt/tierline /opt/tierline
ENV PATH=/opt/tierline/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TIERLINE_DATABASE_URL=sqlite:////data/tierline.sqlite3 \
    TIERLINE_POLICY_FILE=/etc/tierline/policy.yml \
    TIERLINE_HTTP_BIND=0.0.0.0:3000 \
    TIERLINE_OPS_BIND=0.0.0.0:9090 \
    TIERLINE_LOG_FORMAT=json
# Only SQLite writes, and only here; with PostgreSQL nothing is written at all.
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 3000 9090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ['TIERLINE_OPS_BIND'].rpartition(':')[2] + '/healthz', timeout=4)"]
ENTRYPOINT ["tierline"]
CMD ["run"]
