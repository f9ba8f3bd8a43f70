# The notebooks, on top of a server image that holds all they need.
ARG SERVER
FROM ${SERVER}
ARG BUILD
LABEL warmgate.build=${BUILD}
COPY notebooks/ /srv/notebooks/
ARG PACKAGES=
# As an ordinary Julia does it, which starts without the system image's gigabytes.
RUN echo '@warmgate {"step":"layer"}' \
 && HOME=/tmp JULIA_PROJECT= julia --startup-file=no --compile=min -O0 /opt/pluto/check.jl /srv/notebooks /opt/pluto/project/Manifest.toml
