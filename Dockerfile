# The mailroom as one image: pages, channels, workers and migrations are commands of it (docs/running-in-containers.md).
# The tag is exact; `containers/pin_images.sh` asks for its digest, and compose hands that in as BASE.
ARG BASE=docker.io/library/python:3.11.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# What the pages are made from is fetched by Node, which comes with a package for development; it stays in this stage.
COPY requirements-dev.lock package.json package-lock.json ./
COPY setup/assets.sh setup/assets.sh
COPY mailroom/web/styles mailroom/web/styles
RUN python -m venv .venv && .venv/bin/python -m pip install --require-hashes -r requirements-dev.lock && setup/assets.sh
COPY pyproject.toml README.md LICENSE ./
COPY classifiers classifiers
COPY ocr ocr
COPY storage storage
COPY mailroom mailroom
RUN .venv/bin/python -m pip wheel --no-deps --wheel-dir dist .

FROM ${BASE}
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1 PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1
WORKDIR /opt/mailroom
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
COPY setup/system-packages.txt ./
# The first part of that file is what running needs. The office programs print letters and presentations ([office]), the
# client of PostgreSQL takes backups.
# hadolint ignore=DL3008
RUN apt-get update \
 && sed -n '/^# For running it/,/^# For its tests/p' system-packages.txt | grep -v '^#' \
  | xargs apt-get install -y --no-install-recommends postgresql-client-15 \
      libreoffice-writer-nogui libreoffice-impress-nogui \
 && rm -rf /var/lib/apt/lists/*
COPY requirements.lock ./
RUN python -m venv .venv && .venv/bin/python -m pip install --require-hashes -r requirements.lock
COPY --from=build /build/dist dist
RUN .venv/bin/python -m pip install --no-deps dist/*.whl \
 && groupadd --gid 10001 mailroom && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent mailroom \
 && install -d -o mailroom -g mailroom -m 750 /var/lib/mailroom /srv/release /srv/in
COPY config /etc/mailroom
ENV PATH=/opt/mailroom/.venv/bin:$PATH MAILROOM_CONFIG=/etc/mailroom MAILROOM_DATA=/var/lib/mailroom
USER 10001:10001
VOLUME /var/lib/mailroom
ENTRYPOINT ["mailroom"]
CMD ["run"]
