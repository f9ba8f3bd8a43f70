# step: running the notebooks on the finished image's own Julia
RUN . /build/surroundings.sh && at_home \
 && { [ "$SYSIMAGE" = no ] || export WARMGATE_SYSIMAGE=/opt/pluto/pluto.so; } \
 && julia --startup-file=no /build/drive.jl prove && keep_first

# Only this stage becomes the image.
# step: putting the image together
FROM ${BASE}
USER 0:0
COPY --from=build /opt/pluto /opt/pluto
COPY entrypoint.sh alone.sh /opt/pluto/bin/
RUN { grep -q '^[^:]*:[^:]*:1000:' /etc/passwd || echo 'jovyan:x:1000:1000::/home/jovyan:/bin/sh' >>/etc/passwd; } \
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
