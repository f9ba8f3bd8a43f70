from __future__ import annotations

from typing import Any

import pytest

from config import Egress
from pool.engines.docker_network import Reach
from pool.engines.docker_profile import NOBODY, container_config, container_name, is_root, run_as, tmpfs
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE
from pool.errors import StartFailed
from tests.support.engine_rig import MIB, launch


def config(
    *, reach: Reach = Reach.CONTAINER, image_user: str = "1000:1000", cores: int = 4, **changes: Any
) -> Any:
    return container_config(
        launch(**changes), gateway_id="g", network="net-id", reach=reach, image_user=image_user, cpus=cores
    )


def test_every_limit_and_wall_is_there_by_default() -> None:
    host = config(memory=512 * MIB, cpus=1.0, pids=256)["HostConfig"]
    assert host["Memory"] == host["MemorySwap"] == 512 * MIB
    assert host["PidsLimit"] == 256
    assert host["NanoCpus"] == 1_000_000_000
    assert host["CapDrop"] == ["ALL"]
    assert "CapAdd" not in host
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["Init"] is True
    assert host["IpcMode"] == "private"
    assert host["RestartPolicy"] == {"Name": "no"}
    assert host["OomScoreAdj"] > 0
    assert host["ShmSize"] <= 64 * MIB
    assert {limit["Name"] for limit in host["Ulimits"]} == {"nofile", "core"}
    assert host["LogConfig"]["Config"] == {"max-size": "1m", "max-file": "1"}


def test_nothing_of_the_host_is_mounted() -> None:
    host = config()["HostConfig"]
    assert not {"Binds", "Mounts", "VolumesFrom", "Devices"} & set(host)


def test_half_a_core_is_half_a_core_and_more_cores_than_there_are_is_all() -> None:
    assert config(cpus=1.0)["HostConfig"]["NanoCpus"] == 1_000_000_000
    assert config(cpus=0.5)["HostConfig"]["NanoCpus"] == 500_000_000
    assert config(cpus=16.0, cores=2)["HostConfig"]["NanoCpus"] == 2_000_000_000


def test_command_and_environment_are_filled_in() -> None:
    made = config(command=("serve", "{ip}", "{port}"), env={"BASE": "x{port}"}, port=9000)
    assert made["Cmd"] == ["serve", "0.0.0.0", "9000"]
    assert made["Env"] == ["BASE=x9000"]
    assert made["ExposedPorts"] == {"9000/tcp": {}}


def test_without_a_command_the_image_has_its_own() -> None:
    assert "Cmd" not in config(command=())


def test_labels_that_prove_ownership_cannot_be_given_otherwise() -> None:
    made = config(instance_id="i1", labels={LABEL_GATEWAY: "other", LABEL_INSTANCE: "other", "x": "y"})
    assert made["Labels"][LABEL_GATEWAY] == "g"
    assert made["Labels"][LABEL_INSTANCE] == "i1"
    assert made["Labels"]["x"] == "y"


def test_a_port_is_published_on_loopback_only_and_only_when_it_must_be() -> None:
    assert "PortBindings" not in config()["HostConfig"]
    published = config(reach=Reach.PUBLISHED, port=8888)["HostConfig"]["PortBindings"]
    assert published == {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}


def test_without_a_way_out_there_is_no_resolver_either() -> None:
    assert config(egress=Egress.NONE)["HostConfig"]["Dns"] == ["127.0.0.1"]
    assert "Dns" not in config(egress=Egress.INTERNET)["HostConfig"]
    assert "DnsOptions" not in config(egress=Egress.INTERNET)["HostConfig"]


@pytest.mark.parametrize("root", ["", "root", "0", "00", "+0", "-0", "0:0", "root:users", ":5"])
def test_root_is_known_in_every_spelling(root: str) -> None:
    assert is_root(root)


@pytest.mark.parametrize("user", ["1000", "1000:0", "jovyan", "jovyan:users", "10", "0x0"])
def test_others_are_not_root(user: str) -> None:
    assert not is_root(user)


def test_an_images_own_user_is_kept_and_its_root_becomes_nobody() -> None:
    assert run_as("", "1000:100") == "1000:100"
    assert run_as("", "jovyan") == "jovyan"
    assert run_as("", "") == run_as("", "root") == run_as("", "0:0") == NOBODY
    assert run_as("2000", "root") == "2000"


def test_asking_for_root_is_refused() -> None:
    with pytest.raises(StartFailed, match="root"):
        config(user="0:1000")


def options(text: str) -> dict[str, str]:
    return dict(word.partition("=")[::2] for word in text.split(","))


def test_folders_in_memory_share_half_the_limit_and_belong_to_the_user() -> None:
    mounts = tmpfs(launch(memory=512 * MIB, tmpfs=("/home/jovyan", "/tmp")), "1000:100")
    home, tmp = options(mounts["/home/jovyan"]), options(mounts["/tmp"])
    assert int(home["size"]) + int(tmp["size"]) == 256 * MIB
    assert (home["uid"], home["gid"], home["mode"]) == ("1000", "100", "0700")
    assert tmp["mode"] == "1777"
    assert {"nosuid", "nodev", "exec"} <= set(home)


def test_a_read_only_root_always_has_a_tmp() -> None:
    assert set(tmpfs(launch(tmpfs=("/home/jovyan",)), "1000")) == {"/home/jovyan", "/tmp"}
    assert set(tmpfs(launch(tmpfs=(), read_only=False), "1000")) == set()


def test_a_named_user_can_write_though_its_number_is_not_known() -> None:
    home = options(tmpfs(launch(), "jovyan")["/home/jovyan"])
    assert home["mode"] == "1777"
    assert "uid" not in home


def test_given_options_win_but_for_those_that_open_doors() -> None:
    home = options(tmpfs(launch(tmpfs=("/home/x:size=64m,mode=0755,noexec",)), "1000")["/home/x"])
    assert (home["size"], home["mode"]) == ("64m", "0755")
    assert "noexec" in home
    assert "exec" not in home
    for word in ("suid", "dev"):
        with pytest.raises(StartFailed, match=word):
            tmpfs(launch(tmpfs=(f"/home/x:{word}",)), "1000")


def test_a_container_name_does_not_hold_the_whole_instance_id() -> None:
    assert container_name("g", "abcdefghijklmnop") == "warmgate-g-abcdefghijkl"
