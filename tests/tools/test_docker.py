"""Docker's path cannot run without an engine; what it promises is checked here."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_the_services_use_the_official_images_and_the_same_command():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    assert services["db"]["image"] == "postgres:17"
    assert "\nFROM odoo:19.0\n" in dockerfile
    assert 'ENTRYPOINT ["/opt/itsm/itsm"]' in dockerfile
    assert services["test"]["entrypoint"] == ["/opt/itsm/itsm", "test"]
    for name in ("odoo", "test"):
        build = services[name]["build"]
        assert (ROOT / build["context"] / build["dockerfile"]).is_file()
        assert services[name]["environment"]["PGHOST"] == "db"
        assert services[name]["depends_on"]["db"]["condition"] == "service_healthy"


def test_what_the_image_copies_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text().split()
    for line in (ROOT / "docker" / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY"):
            source = line.split()[-2]
            assert (ROOT / source).exists()
            assert source not in ignored


def test_the_demo_is_published_on_this_machine_only():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert services["odoo"]["ports"] == ["127.0.0.1:8069:8069"]
    assert "ports" not in services["db"]
