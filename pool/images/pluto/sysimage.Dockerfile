# step: running the notebooks to see what is compiled
RUN . /build/surroundings.sh && at_home \
 && julia --startup-file=no /build/drive.jl trace \
 && julia --startup-file=no --compile=min /build/merge.jl /build/traces /build/statements.jl

# step: making the system image
RUN . /build/surroundings.sh \
 && export JULIA_DEPOT_PATH=/build/depot:/opt/pluto/depot: \
 && julia --startup-file=no /build/sysimage.jl /opt/pluto/project /build/statements.jl /opt/pluto/pluto.so /build/compiler
