"""Made-up history files for tests."""

from ..tools.history_mapping import Mapping

LEVELS = {"1 - High": "1", "2 - Medium": "2", "3 - Low": "3"}
STATES = {
    "New": ["new", None],
    "Active": ["open", None],
    "Waiting": ["pending", "customer"],
    "Resolved": ["resolved", None],
    "Closed": ["closed", None],
    "Cancelled": ["cancelled", None],
}
#: The matrix that ships with the product.
MATRIX = {
    (str(impact), str(urgency)): {2: "3", 3: "2", 4: "1"}.get(impact + urgency, "0")
    for impact in (1, 2, 3)
    for urgency in (1, 2, 3)
}
HEADER = (
    "number,state,changed,opened,resolved,closed,reopened,"
    "team,assignee,caller,impact,urgency,place"
)


def make_mapping(**changes):
    """Return a mapping for files that begin with :data:`HEADER`."""
    values = {
        "source": "sample",
        "columns": {
            "number": "number",
            "state": "state",
            "changed_at": "changed",
            "opened_at": "opened",
            "resolved_at": "resolved",
            "closed_at": "closed",
            "reopen_count": "reopened",
            "team": "team",
            "assignee": "assignee",
            "caller": "caller",
            "impact": "impact",
            "urgency": "urgency",
        },
        "values": {"state": STATES, "impact": LEVELS, "urgency": LEVELS},
        "date_format": "%Y-%m-%d %H:%M",
        "notes": ["place"],
        "unknown": ["?"],
        **changes,
    }
    return Mapping(**values)


def make_row(number="T1", state="New", changed="2024-03-04 10:00", **values):
    """Return the line of one row; values that are not given are unknown."""
    cells = dict.fromkeys(HEADER.split(","), "?")
    cells.update(values, number=number, state=state, changed=changed)
    return ",".join(cells.values())


def make_file(*rows):
    """Return a file of rows as bytes."""
    return "\n".join([HEADER, *rows, ""]).encode()
