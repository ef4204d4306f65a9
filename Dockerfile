# TRT in a container: webhook mode behind the platform's TLS, or BOT_MODE=polling.
#   docker build -t trt . && docker run --env-file .env -p 10000:10000 trt
FROM python:3.14.7-slim-trixie AS build
WORKDIR /app
COPY requirements.txt ./
# The environment gets no pip of its own: the image's pip installs from outside.
RUN python -m venv --without-pip .venv && \
    pip --python .venv/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r requirements.txt

FROM python:3.14.7-slim-trixie
# Nothing installs packages here: no pip, neither installed nor bundled.
RUN python -m pip uninstall --yes pip && \
    rm -r "$(python -c 'import os, ensurepip; print(os.path.dirname(ensurepip.__file__))')" && \
    useradd --system --uid 10001 --create-home --home-dir /data trt
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY run.py ./
COPY supervisor supervisor
COPY handlers handlers
COPY kie kie
COPY sql sql
COPY sandbox sandbox
# The bot's user may not write here, so it would compile everything at each start.
# What a copied .env.example names, or leaves empty as DATA_DIR, is the volume, too.
RUN .venv/bin/python -m compileall -q run.py supervisor handlers kie sql sandbox && \
    ln -s /data .data
USER 10001
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data
EXPOSE 10000
# Directly, whatever proxy the environment names for calls to the outside; docker --env-file keeps
# the quotes around a port.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD \
    ["/app/.venv/bin/python", "-c", "import os,urllib.request as u; p=os.environ.get('PORT','').strip(' \"'+chr(39)) or '10000'; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:'+p+'/health',timeout=4)"]
# The exec form: Python is PID 1 and gets SIGTERM itself.
ENTRYPOINT ["/app/.venv/bin/python", "run.py"]
CMD ["serve"]
