from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from odoo.tests import BaseCase

from ..tools.article_text import to_text

WORDS = st.lists(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1),
    min_size=1,
    max_size=5,
)


class TestArticleText(BaseCase):
    """Articles become plain text that a customer can read."""

    def test_steps_have_numbers_and_emphasis_leaves_no_signs(self):
        for markup, text in (
            (
                "<p>First <strong>look</strong>,<br>then <em>act</em>.</p>",
                "First look,\nthen act.",
            ),
            (
                "<ol><li>One</li><li><p>Two</p><p>more</p></li></ol>",
                "1. One\n2. Two\nmore",
            ),
            ("<ul><li>a<ol><li>b</li></ol></li></ul>c", "- a\n1. b\nc"),
            (
                "<p>See <a href='https://x.example'>this</a> <img src='a.png'/></p>",
                "See this",
            ),
            ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
            ("<p>a</p><!-- hidden -->b", "a\nb"),
            ("plain &lt;b&gt; &amp; more", "plain <b> & more"),
            ("<p><br></p>", ""),
            ("<ol><li></li></ol>", "1."),
            ("", ""),
            (False, ""),
        ):
            with self.subTest(markup=markup):
                self.assertEqual(to_text(markup), text)

    @given(st.lists(WORDS, min_size=1, max_size=6))
    def test_paragraphs_come_back_as_they_were_typed(self, paragraphs):
        lines = [" ".join(words) for words in paragraphs]
        markup = "".join(f"<p>{escape(line)}</p>" for line in lines)
        self.assertEqual(to_text(markup), "\n".join(lines))
