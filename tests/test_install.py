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
            names = database.run(
                "users = env['res.users']\n"
                "result = []\n"
                f"for word in {[person['login'] for person in people]}:\n"
                "    key = {'type': 'password', 'login': word, 'password': word}\n"
                "    found = users.authenticate(key, {'interactive': False})\n"
                "    result.append(users.browse(found['uid']).name)"
            )
        self.assertEqual(names, [person["name"] for person in people])
        for person in people:
            self.assertTrue(person["who"].startswith(person["name"]))
