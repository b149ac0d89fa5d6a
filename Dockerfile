# The gateway for containers: exactly the locked packages, a user without rights, nothing written outside of /data and /tmp.
#   docker build -t breakwater .
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/breakwater
WORKDIR /src
COPY requirements.lock ./
# A constraint names no extras; the versions stay those of the lock.
RUN sed 's/\[[a-z,]*\]//' requirements.lock > constraints.txt \
 && /opt/breakwater/bin/pip install hatchling -c constraints.txt
COPY pyproject.toml README.md LICENSE ./
COPY gateway gateway
COPY rules rules
COPY templates templates
RUN /opt/breakwater/bin/pip install --no-build-isolation -c constraints.txt '.[postgres,s3]' \
 && /opt/breakwater/bin/pip uninstall -y hatchling trove-classifiers \
 && /opt/breakwater/bin/python -m compileall -q /opt/breakwater/lib

FROM python:3.11-slim
# pg_dump for `breakwater backup`; nothing else is added.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin breakwater \
 && install -d -o breakwater -g breakwater -m 0700 /data
COPY --from=build /opt/breakwater /opt/breakwater
ENV PATH=/opt/breakwater/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 2525 8025
STOPSIGNAL SIGTERM
ENTRYPOINT ["breakwater"]
CMD ["serve", "--dir", "/data"]
