# Debian's Redis in the place of the official image.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends redis-server && install -d -o redis /data
