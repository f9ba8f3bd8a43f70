# Pluto, the packages of a folder of notebooks and one system image of them; without the notebooks, which are a layer
# on top (notebooks.Dockerfile). Only the last stage becomes the image.
ARG BASE
FROM ${BASE} AS build
ARG BUILD
LABEL warmgate.build=${BUILD}
USER 0:0
ARG JULIA=
ARG SYSIMAGE=yes
COPY tools.sh /build/
RUN echo '@warmgate {"step":"base"}' && /build/tools.sh

COPY check.jl common.jl install.jl merge.jl msgpack.jl visitor.jl drive.jl sysimage.jl serve.jl surroundings.sh ca-bundle.cr[t] /build/
COPY notebooks/ /srv/notebooks/
ARG PACKAGES=
ENV HOME=/home/jovyan
RUN echo '@warmgate {"step":"notebooks"}' \
 && julia --startup-file=no --compile=min -O0 /build/check.jl /srv/notebooks

ARG PLUTO=
ARG PKG_SERVER=
ARG CPU_TARGET=
# All caches are made for every processor the image may meet, not for this one.
RUN echo '@warmgate {"step":"packages"}' && . /build/surroundings.sh \
 && JULIA_DEPOT_PATH=/opt/pluto/depot: julia --startup-file=no /build/install.jl /srv/notebooks /opt/pluto/project

# From here on as in a container: a home with the notebooks, a first depot in it, nothing from the network.
ARG TRACE_TIMEOUT=600
ARG NOTEBOOK_MEMORY=0
RUN [ "$SYSIMAGE" = no ] || { echo '@warmgate {"step":"trace"}' && . /build/surroundings.sh && at_home \
 && julia --startup-file=no /build/drive.jl trace \
 && julia --startup-file=no --compile=min /build/merge.jl /build/traces /build/statements.jl; }

RUN [ "$SYSIMAGE" = no ] || { echo '@warmgate {"step":"sysimage"}' && . /build/surroundings.sh \
 && export JULIA_DEPOT_PATH=/build/depot:/opt/pluto/depot: \
 && julia --startup-file=no /build/sysimage.jl /opt/pluto/project /build/statements.jl /opt/pluto/pluto.so /build/compiler; }

RUN echo '@warmgate {"step":"prove"}' && . /build/surroundings.sh && at_home \
 && { [ "$SYSIMAGE" = no ] || export WARMGATE_SYSIMAGE=/opt/pluto/pluto.so; } \
 && julia --startup-file=no /build/drive.jl prove && keep_first

FROM ${BASE}
ARG BUILD
LABEL warmgate.build=${BUILD}
USER 0:0
COPY --from=build /opt/pluto /opt/pluto
COPY entrypoint.sh alone.sh /opt/pluto/bin/
RUN echo '@warmgate {"step":"image"}' \
 && { grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'jovyan:x:1000:1000::/home/jovyan:/bin/sh' >>/etc/passwd; } \
 && mkdir -p /home/jovyan && chown 1000:1000 /home/jovyan && chmod 0700 /home/jovyan
ARG WARMGATE_SYSIMAGE=
# The first depot is the visitor's own; all that was installed is in the second, which nobody can write to.
ENV HOME=/home/jovyan \
    JULIA_DEPOT_PATH=/home/jovyan/.julia:/opt/pluto/depot: \
    JULIA_PROJECT=/opt/pluto/project \
    JULIA_PKG_OFFLINE=true \
    GKSwstype=nul \
    WARMGATE_SYSIMAGE=${WARMGATE_SYSIMAGE}
USER 1000:1000
WORKDIR /home/jovyan
EXPOSE 1234
ENTRYPOINT ["/opt/pluto/bin/entrypoint.sh"]
CMD ["/opt/pluto/bin/alone.sh"]
