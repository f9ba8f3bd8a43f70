# shellcheck shell=sh
# Sourced by the steps of a build that start Julia.

# Empty would mean "no server at all" to Julia.
[ -z "${PKG_SERVER:-}" ] || export JULIA_PKG_SERVER="$PKG_SERVER"
[ -z "${CPU_TARGET:-}" ] || export JULIA_CPU_TARGET="$CPU_TARGET" CPU_TARGET
if [ -e /build/ca-bundle.crt ]; then
  # Julia's own downloader and libgit2, then curl, which Julia 1.5 starts.
  export JULIA_SSL_CA_ROOTS_PATH=/build/ca-bundle.crt SSL_CERT_FILE=/build/ca-bundle.crt CURL_CA_BUNDLE=/build/ca-bundle.crt
fi
export PACKAGES="${PACKAGES:-}" PLUTO="${PLUTO:-}" JULIA_PKG_PRECOMPILE_AUTO=0 GKSwstype=nul

# As in a container: a fresh home with the notebooks, a first depot that is empty, nothing fetched by Pkg.
at_home() {
  rm -rf "$HOME"
  mkdir -p "$HOME"
  cp -R /srv/notebooks/. "$HOME/"
  cd "$HOME"
  export JULIA_DEPOT_PATH="$HOME/.julia:/opt/pluto/depot:" JULIA_PROJECT=/opt/pluto/project JULIA_PKG_OFFLINE=true
  export TRACE_TIMEOUT NOTEBOOK_MEMORY
  unset JULIA_PKG_PRECOMPILE_AUTO
}

# What serving has put into the first depot is small, and every home begins with it.
keep_first() {
  mkdir -p "$HOME/.julia"
  rm -rf "$HOME/.julia/logs" "$HOME/.julia/registries" /opt/pluto/first
  mv "$HOME/.julia" /opt/pluto/first
  cp /build/check.jl /build/common.jl /build/serve.jl /opt/pluto/
  set -- "$(du -sb /opt/pluto/depot | cut -f1)" "$(du -sb /opt/pluto/first | cut -f1)"
  printf '@warmgate {"depot":%s,"first":%s}\n' "$1" "$2"
}
