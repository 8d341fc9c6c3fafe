# One image for every service, run and worker. See docs/deploy.md for its arguments.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
# The index that has the build of torch for your machines; pip's own when empty.
ARG TORCH_INDEX_URL=""
# Not empty: the CUDA build of ONNX Runtime instead of the CPU one.
ARG ONNXRUNTIME_GPU=""
# pip reads these itself; they are not kept in the image.
ARG PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_TRUSTED_HOST
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3.11-venv ca-certificates \
 && python3.11 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/mediaflow
COPY pyproject.toml requirements.lock ./
COPY deploy/wheels wheels
# Wheels that `make wheels` left have been compared with the lock when they were fetched.
RUN if ls wheels/*.whl >/dev/null 2>&1; then \
        pip install --no-index --no-deps wheels/*.whl; \
    else \
        pip install ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} "$(grep -o 'torch==[0-9.]*' pyproject.toml)" \
     && pip install --require-hashes --no-deps -r requirements.lock; \
    fi
# Nothing is missing but what the lock leaves out on purpose (deploy/lock.py).
RUN ! pip check | grep --invert-match --regexp openvino-telemetry --regexp "^No broken"
RUN if [ -n "$ONNXRUNTIME_GPU" ]; then \
        version=$(pip show onnxruntime | sed -n 's/^Version: //p') \
     && pip uninstall --yes onnxruntime \
     && pip install --no-deps "onnxruntime-gpu==$version"; \
    fi
COPY README.md LICENSE setup.py dagster.yaml workspace.yaml ./
COPY mediaflow_assets mediaflow_assets
RUN pip install --no-index --no-deps --no-build-isolation --editable . && rm -rf wheels

FROM ${BASE}
ARG UID=1000
# The libraries are what OpenCV and MediaPipe load.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends \
        python3.11 ca-certificates libgl1 libegl1 libgles2 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid "$UID" --create-home mediaflow \
 && install --directory --owner mediaflow --group mediaflow /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/mediaflow /opt/mediaflow
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    MEDIAFLOW_HOME=/data DAGSTER_HOME=/data/dagster DAGSTER_DISABLE_TELEMETRY=1
# Settings are read from /data/.env, as on one machine from the .env beside the data.
WORKDIR /data
USER mediaflow
CMD ["mediaflow", "--help"]
