"""What itsm finds out about add-ons before Odoo runs."""

import pytest

from tools.addons import Addons, content_hash
from tools.console import Failure


def make_addon(folder, name, **manifest):
    path = folder / name
    path.mkdir(parents=True)
    (path / "__manifest__.py").write_text(repr({"name": name, **manifest}))
    return path


@pytest.fixture
def folders(tmp_path):
    ours, others = tmp_path / "ours", tmp_path / "others"
    for name in ("base", "stock", "mail"):
        make_addon(others, name, depends=[] if name == "base" else ["base"])
    make_addon(ours, "core", depends=["mail"])
    make_addon(ours, "sla", depends=["core"])
    make_addon(ours, "core_stock", depends=["core", "stock"], auto_install=True)
    make_addon(ours, "core_mail", depends=["core", "mail"], auto_install=["mail"])
    make_addon(ours, "later", depends=["core"], installable=False)
    return ours, others


def test_closure_separates_ours_from_others_and_adds_what_installs_itself(folders):
    addons = Addons(folders[0], [folders[1]])
    assert addons.closure(["core"]) == (["core", "core_mail"], ["base", "mail"])
    ours, others = addons.closure(["sla", "stock"])
    assert ours == ["core", "core_mail", "core_stock", "sla"]
    assert others == ["base", "mail", "stock"]


def test_not_installable_add_ons_are_left_out(folders):
    assert "later" not in Addons(folders[0], [folders[1]]).own


def test_direct_needs_are_those_of_others(folders):
    addons = Addons(folders[0], [folders[1]])
    assert addons.direct_needs(["core", "sla", "core_stock"]) == ["mail", "stock"]


def test_an_unknown_add_on_is_named(folders):
    with pytest.raises(Failure, match="no add-on nonsense"):
        Addons(folders[0], [folders[1]]).closure(["nonsense"])


def test_a_broken_manifest_is_named(tmp_path):
    make_addon(tmp_path, "broken")
    (tmp_path / "broken" / "__manifest__.py").write_text("{'name': ")
    with pytest.raises(Failure, match="broken/__manifest__.py is not a valid manifest"):
        Addons(tmp_path)


def test_content_hash_follows_what_can_change_a_database_only(tmp_path):
    addon = make_addon(tmp_path, "core")
    before = content_hash(addon)
    for name in ("tests/test_x.py", "__pycache__/x.pyc", "i18n/core.pot", "README.rst"):
        (addon / name).parent.mkdir(exist_ok=True)
        (addon / name).write_text("x")
    assert content_hash(addon) == before
    (addon / "models").mkdir()
    (addon / "models" / "x.py").write_text("x")
    changed = content_hash(addon)
    assert changed != before
    (addon / "models" / "x.py").rename(addon / "models" / "y.py")
    assert content_hash(addon) not in (before, changed)
