# Debian's PostgreSQL with the part of the official image's interface that deploy/ uses.
ARG BASE
FROM ${BASE}
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql
COPY postgres.sh /postgres.sh
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
CMD ["sh", "/postgres.sh"]
