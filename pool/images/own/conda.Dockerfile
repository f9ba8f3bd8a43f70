FROM ${BASE} AS installer
USER root
# step: getting conda's installer
# The second name is there only when the builder was given a CA bundle; neither stage is part of the image.
COPY rattler.lock ca-bundle.cr[t] /build/
RUN if [ -e /build/ca-bundle.crt ]; then export PIP_CERT=/build/ca-bundle.crt; fi \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --progress-bar off \
      --require-hashes --only-binary :all: --target /build/rattler -r /build/rattler.lock

FROM installer AS packages
# step: installing packages
COPY environment.yml install_environment.py install.sh collect.sh /build/
RUN if [ -e /build/ca-bundle.crt ]; then export SSL_CERT_FILE=/build/ca-bundle.crt; fi \
 && /build/collect.sh before \
 && PYTHONPATH=/build/rattler /opt/venv/bin/python /build/install_environment.py /build/environment.yml \
 && if [ -e /build/pip-python ]; then /build/install.sh "$(cat /build/pip-python)" /build/pip.txt; fi \
 && /build/collect.sh after
