# Debian's nginx, its user in the group of the data as docs/deploy.md says.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light \
 && groupadd --gid 1000 mediaflow && usermod --append --groups mediaflow www-data
