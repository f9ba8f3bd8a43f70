# Pluto, the packages of a folder of notebooks and one system image of them; without the notebooks, which are a layer
# on top (notebooks.Dockerfile). Goes on with sysimage.Dockerfile, where one is made, and served.Dockerfile.

# step: looking at the base image
ARG BASE
FROM ${BASE} AS build
USER 0:0
ARG JULIA=
ARG SYSIMAGE=yes
COPY tools.sh /build/
RUN /build/tools.sh

# step: reading the notebooks
COPY check.jl common.jl install.jl merge.jl msgpack.jl visitor.jl drive.jl sysimage.jl serve.jl surroundings.sh ca-bundle.cr[t] /build/
COPY notebooks/ /srv/notebooks/
ARG PACKAGES=
ENV HOME=/home/jovyan
RUN julia --startup-file=no --compile=min -O0 /build/check.jl /srv/notebooks

ARG PLUTO=
ARG PKG_SERVER=
ARG CPU_TARGET=
# step: installing packages
# All caches are made for every processor the image may meet, not for this one.
RUN . /build/surroundings.sh \
 && JULIA_DEPOT_PATH=/opt/pluto/depot: julia --startup-file=no /build/install.jl /srv/notebooks /opt/pluto/project

# From here on as in a container: a home with the notebooks, a first depot in it, nothing from the network.
ARG TRACE_TIMEOUT=600
ARG NOTEBOOK_MEMORY=0
