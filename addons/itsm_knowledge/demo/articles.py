"""Reads the articles of the story, and dates them relative to the day of loading."""

from odoo.addons.itsm_core.demo.chronicle import read_sections

MOMENTS = ("written", "review")
LISTS = ("services", "items", "problems", "tickets", "yes", "no")


def read_articles(folder, clock):
    """Return the articles as dictionaries, their moments as naive UTC.

    The text has a paragraph or step for each line; lines that begin with a number and a
    full stop are steps.

    :param folder: ``pathlib.Path`` of the files of the story
    :param clock: ``StoryClock``
    :raise ValueError: naming the article in which something is not understood
    """
    articles = []
    for key, section in read_sections(folder / "articles.ini").items():
        try:
            article = {"key": key, "words": section.get("words"), **section}
            for name in MOMENTS:
                article[name] = clock.parse(section[name])
            for name in LISTS:
                article[name] = section.get(name, "").replace(",", " ").split()
            article["lines"] = section["text"].strip().splitlines()
        except (KeyError, ValueError) as error:
            raise ValueError(f"articles.ini, {key}: {error}") from error
        articles.append(article)
    return articles


def read_gaps(folder, clock):
    """Return searches that found nothing: words, customer's key or none, and moment.

    :param folder: ``pathlib.Path`` of the files of the story
    :param clock: ``StoryClock``
    """
    gaps = []
    for section in read_sections(folder / "searches.ini").values():
        gaps.extend(
            (section["words"], section.get("customer"), clock.parse(f"{day} 11:00"))
            for day in section["days"].replace(",", " ").split()
        )
    return gaps
