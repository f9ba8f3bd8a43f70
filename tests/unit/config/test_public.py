from __future__ import annotations

import subprocess
import sys

import config


def test_everything_promised_can_be_imported_from_the_package() -> None:
    promised = {
        "Settings", "PoolSettings", "GatewaySettings", "EngineSettings", "MemorySettings", "load", "Loaded",
        "ConfigError", "Problem", "ensure_secret",
    }  # fmt: skip
    assert promised <= set(config.__all__)
    assert all(hasattr(config, name) for name in config.__all__)


def test_importing_the_package_brings_in_none_of_the_other_rooms() -> None:
    program = (
        "import sys, config, config.show; there = {name.split('.')[0] for name in sys.modules}; "
        "print(sorted(there & {'pool', 'gateway', 'asyncio', 'aiohttp'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
