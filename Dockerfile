# The web app in a container; compose.yaml starts it. Build: docker build --tag netspatial .
FROM python:3.11-slim AS build

RUN apt-get update \
    && apt-get install --yes --no-install-recommends npm \
    && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv && python -m venv /opt/netspatial
WORKDIR /src

# The locked packages first: this layer is kept until requirements/app.txt changes.
COPY requirements/app.txt requirements/
RUN uv pip install --no-cache --python /opt/netspatial/bin/python --require-hashes \
    --requirement requirements/app.txt
# Leaflet, so that drawing on the map needs no internet.
COPY assets/web/package.json assets/web/package-lock.json assets/web/
RUN cd assets/web && npm ci --silent --no-audit --no-fund
COPY . .
RUN uv pip install --no-cache --python /opt/netspatial/bin/python --no-deps .


FROM python:3.11-slim

# libexpat1: GDAL in the wheel of rasterio links to it, and slim images lack it.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 netspatial \
    && install --directory --owner netspatial --group netspatial /data /data/cities /data/runs
COPY --from=build /opt/netspatial /opt/netspatial

ENV PATH=/opt/netspatial/bin:$PATH \
    NETSPATIAL_CITIES=/data/cities \
    NETSPATIAL_RUNS=/data/runs \
    NETSPATIAL_CACHE=/data/cache \
    NETSPATIAL_LOGS=/data/logs
USER netspatial
WORKDIR /data
VOLUME /data
EXPOSE 8501

HEALTHCHECK --interval=30s --timeout=5s --start-period=10m \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]

# The first start simulates the demo city.
CMD ["sh", "-c", "[ -f \"$NETSPATIAL_CITIES/demo/city.json\" ] || netspatial simulate --seed 7 --out \"$NETSPATIAL_CITIES/demo\"; exec python -m netspatial.ui.server.start --address 0.0.0.0 --port 8501"]
