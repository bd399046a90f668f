"""Each add-on can be installed with pip."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ADDONS = Path(__file__).resolve().parents[2] / "addons"


@pytest.mark.parametrize(
    "name", [path.parent.name for path in ADDONS.glob("*/__manifest__.py")]
)
def test_a_wheel_can_be_built_and_has_everything(name, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        + ["--no-build-isolation", "--no-index", "-w", tmp_path, ADDONS / name],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    for path in (ADDONS / name).rglob("*"):
        relative = path.relative_to(ADDONS).as_posix()
        if path.suffix in (".xml", ".csv", ".json", ".js", ".scss", ".png"):
            assert f"odoo/addons/{relative}" in inside
