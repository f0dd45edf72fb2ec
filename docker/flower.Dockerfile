# The Flower image: watches Celery through the broker alone; it has neither Casefarm's code nor its database.
# Build from the repository root: docker build -f docker/flower.Dockerfile -t casefarm-flower:2.2.0 .

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY docker/requirements-flower.lock /src/
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/flower \
    && /opt/flower/bin/python -m pip install --require-hashes --no-deps -r /src/requirements-flower.lock

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 casefarm \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin casefarm
COPY --from=packages /opt/flower/ /opt/flower/
ENV PATH=/opt/flower/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /tmp
USER 10001:10001
EXPOSE 5555
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:5555/healthcheck', timeout=5)"]
# FLOWER_BASIC_AUTH is name:password. Without both Flower would let anyone in, so it does not start.
CMD ["sh", "-c", "case \"$FLOWER_BASIC_AUTH\" in ?*:?*) exec celery flower --port=5555 ;; *) echo 'set FLOWER_BASIC_AUTH to name:password' >&2; exit 78 ;; esac"]
