"""One command makes everything from nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_tiny_remake_makes_every_package_it_trains(tmp_path: Path) -> None:
    environment = {**os.environ, "SHOTLINE_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "modeling.remake", "--tiny", "--into", str(tmp_path / "models")]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True)
    made = json.loads((tmp_path / "models" / "sets" / "pocket.json").read_text())["packages"]
    assert {"text", "vae", "base", "interp", "transition"} <= set(made)
    for package in made.values():
        assert (tmp_path / "models" / "packages" / package / "model.json").exists()
