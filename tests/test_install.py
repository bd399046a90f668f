"""Each add-on installs alone, and everything together with its demo data."""

from odoo.tests import BaseCase, tagged

from tests.databases import fresh_database
from tools import demo
from tools.addons import Addons
from tools.workspace import Workspace


@tagged("post_install", "-at_install")
class TestInstall(BaseCase):
    def test_each_add_on_installs_on_what_it_depends_on_alone(self):
        for name in Addons(Workspace.current().addons).own:
            with self.subTest(name), fresh_database([name]) as database:
                states = database.query(
                    f"select state from ir_module_module where name = '{name}'"
                )
                self.assertEqual(states, [["installed"]])

    def test_everybody_the_demo_names_can_log_in(self):
        workspace = Workspace.current()
        people = demo.story(workspace)["logins"]
        with fresh_database(Addons(workspace.addons).own, demo=True) as database:
            for person in people:
                name = database.run(
                    f"login = {person['login']!r}\n"
                    "credential = {'type': 'password', 'login': login,"
                    " 'password': login}\n"
                    "users = env['res.users']\n"
                    "found = users.authenticate(credential, {'interactive': False})\n"
                    "result = users.browse(found['uid']).name"
                )
                self.assertEqual(name, person["name"])
                self.assertTrue(person["who"].startswith(name))
