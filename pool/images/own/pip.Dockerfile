FROM ${BASE} AS packages
USER root
# step: installing packages
# The last name is there only when the builder was given a CA bundle; this stage is not part of the image.
COPY requirements.txt install.sh collect.sh ca-bundle.cr[t] /build/
RUN /build/collect.sh before \
 && /build/install.sh /opt/venv/bin/python /build/requirements.txt \
 && /build/collect.sh after
