# The notebooks, on top of a server image that holds all they need.

# step: adding the notebooks
ARG SERVER
FROM ${SERVER}
COPY notebooks/ /srv/notebooks/
ARG PACKAGES=
# As an ordinary Julia does it, which starts without the system image's gigabytes.
RUN HOME=/tmp JULIA_PROJECT= julia --startup-file=no --compile=min -O0 /opt/pluto/check.jl /srv/notebooks /opt/pluto/project/Manifest.toml
