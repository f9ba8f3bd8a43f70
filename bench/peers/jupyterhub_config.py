"""JupyterHub's settings for the benchmark: a container for each visitor, started when they come.

JupyterHub's own Python reads it; what changes from run to run comes by the environment.
"""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub gives it
env = os.environ

c.JupyterHub.bind_url = env["BENCH_BIND_URL"]
# Containers speak to the hub at the bridge's own address.
c.JupyterHub.hub_ip = env["BENCH_HUB_IP"]
c.JupyterHub.hub_port = int(env["BENCH_HUB_PORT"])
c.JupyterHub.log_level = "WARN"
c.ConfigurableHTTPProxy.command = [env["BENCH_NODE"], env["BENCH_CHP"]]
c.ConfigurableHTTPProxy.log_level = "warn"
c.ConfigurableHTTPProxy.api_url = env["BENCH_PROXY_API"]

c.JupyterHub.authenticator_class = "tmp"
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "docker"
c.DockerSpawner.image = env["BENCH_IMAGE"]
c.DockerSpawner.name_template = env["BENCH_PREFIX"] + "-{username}"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.DockerSpawner.mem_limit = int(env["BENCH_MEMORY"])
c.DockerSpawner.cpu_limit = 1.0
c.DockerSpawner.default_url = env["BENCH_ENTRY"]

c.JupyterHub.services = [{"name": "bench", "api_token": env["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "bench", "services": ["bench"], "scopes": ["access:servers", "delete:servers", "read:servers"]}
]
