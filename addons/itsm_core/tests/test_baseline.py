from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.baseline import ITEM, compare

FACTS = st.dictionaries(
    st.sampled_from("abc"),
    st.sampled_from([0, "", False, [], 1, "x", [1, 2]]).map(
        lambda value: [value, str(value or ""), "Label"]
    ),
)
SNAPSHOTS = st.dictionaries(st.integers(1, 4), FACTS)


@tagged("post_install", "-at_install")
class TestBaseline(BaseCase):
    @given(SNAPSHOTS, SNAPSHOTS)
    def test_applying_the_differences_gives_what_was_compared_with(self, before, after):
        made = {item: dict(facts) for item, facts in before.items()}
        for difference in compare(before, after):
            if difference.key == ITEM:
                self.assertNotEqual(difference.item in before, difference.item in after)
                if difference.kind == "removed":
                    del made[difference.item]
                else:
                    made[difference.item] = dict(after[difference.item])
            else:
                facts = made[difference.item]
                facts.pop(difference.key, None)
                if difference.kind != "removed":
                    facts[difference.key] = after[difference.item][difference.key]
                    self.assertEqual(difference.after, facts[difference.key][1])

        def plain(snapshot):
            return {
                item: {key: fact[0] for key, fact in facts.items() if fact[0]}
                for item, facts in snapshot.items()
            }

        self.assertEqual(plain(made), plain(after))

    @given(SNAPSHOTS)
    def test_nothing_differs_from_itself(self, snapshot):
        self.assertEqual(compare(snapshot, snapshot), [])
