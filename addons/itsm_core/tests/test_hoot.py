from odoo.tests import HttpCase, tagged


def _is_failure(message):
    return "[HOOT]" not in message


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    def test_unit_tests_of_the_screens_pass(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={self._get_suite_id('@itsm_core')}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=_is_failure,
        )

    def _get_suite_id(self, name):
        """The number that the runner gives to a suite of that name."""
        number = 0
        for char in name:
            number = (number << 5) - number + ord(char) & 0xFFFFFFFF
        return f"{number:08x}"
