"""``itsm i18n``: the translation template (.pot) of each add-on."""

import re

from tools.console import say, step

DATES = re.compile(r'^"(POT-Creation|PO-Revision)-Date: .*\n', re.MULTILINE)


def write_templates(databases):
    """Export every add-on's template, and leave files alone that say the same."""
    odoo = databases.odoo
    own = odoo.addons().own
    template = databases.template(own)
    files = {name: path / "i18n" / f"{name}.pot" for name, path in own.items()}
    before = {
        name: file.read_text(encoding="utf-8") if file.is_file() else ""
        for name, file in files.items()
    }
    with databases.temporary(template) as database:
        for file in files.values():
            file.parent.mkdir(exist_ok=True)
        with step("Exporting the terms to translate", "some seconds"):
            options = ["-c", odoo.config(database), "-d", database]
            odoo.run(
                odoo.command("i18n", "export", *options, *sorted(own)),
                odoo.workspace.logs / "i18n.log",
                "Odoo could not write the translation templates.",
            )
    for name, file in files.items():
        if without_dates(file.read_text(encoding="utf-8")) == without_dates(
            before[name]
        ):
            file.write_text(before[name], encoding="utf-8")
        else:
            say(f"  changed: {file.relative_to(odoo.workspace.root)}")


def without_dates(text):
    return DATES.sub("", text)
