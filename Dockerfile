# TRT in a container: webhook mode behind the platform's TLS, or BOT_MODE=polling.
#   docker build -t trt . && docker run --env-file .env -p 10000:10000 trt
FROM python:3.11.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY setup.cfg pyproject.toml constraints.txt README.md run.py ./
COPY supervisor supervisor
COPY handlers handlers
COPY kie kie
COPY sql sql
COPY sandbox sandbox
# Exactly the versions that the tests ran with.
RUN /app/.venv/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt .

FROM python:3.11.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /data trt
COPY --from=build /app/.venv /app/.venv
COPY run.py /app/
WORKDIR /app
# What a copied .env.example names, or leaves empty, is the volume, too.
RUN ln -s /data .data
USER 10001
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data
EXPOSE 10000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD \
    ["/app/.venv/bin/python", "-c", "import os,urllib.request as u; u.urlopen('http://127.0.0.1:'+os.environ.get('PORT','10000')+'/health',timeout=4)"]
# The exec form: Python is PID 1 and gets SIGTERM itself.
ENTRYPOINT ["/app/.venv/bin/python", "run.py"]
CMD ["serve"]
