"""What the demo story tells of the request catalogue."""

#: Items: service, team, price, owner, and whether customers outside do without it.
ITEMS = {
    "new_hire": ("workplace", "workplace", 0, "ilie", True),
    "leaver": ("workplace", "workplace", 0, "ilie", True),
    "laptop": ("workplace", "workplace", 945, "ilie", True),
    "access": (None, "desk", 0, "price", False),
    "software": ("workplace", "workplace", 0, "diallo", False),
    "mailbox": ("mail", "infrastructure", 0, "lindqvist", True),
    "room_screen": ("workplace", "workplace", 2400, "diallo", True),
}
#: Who leads the units, and so approves what their people request.
MANAGERS = {
    "operations": "sinclair",
    "warehouses": "stokes",
    "sales": "sinclair",
}
#: Requests: item, who asks, who gets it, what was typed, what became of it (reason of
#: a refusal, or how many steps are done), and whether the work is over.
REQUESTS = (
    (
        "laptop",
        "stokes",
        "fischer",
        {
            "size_of_the_screen": "14_inches",
            "additional_monitors": "1",
            "what_it_is_needed_for": "Stock counts in the halls at Doncaster.",
        },
        None,
        False,
    ),
    (
        "laptop",
        "langley",
        "okoye",
        {
            "size_of_the_screen": "16_inches",
            "what_it_is_needed_for": "Visits to customers.",
        },
        1,
        False,
    ),
    (
        "room_screen",
        "stokes",
        "stokes",
        {
            "room": "Canteen, Tilbury",
            "mounting": "on_wheels",
            "for_video_calls": "1",
        },
        "The canteen is rebuilt in spring. Please ask again when the plans are there.",
        False,
    ),
    (
        "mailbox",
        "langley",
        "langley",
        {
            "address": "key-accounts",
            "who_reads_it": "Simon Okoye\nHelen Draper",
        },
        2,
        True,
    ),
    (
        "access",
        "bose",
        "hartnell",
        {
            "which_rights": "Export papers: write and print.",
            "i_need_it_for_my_work_and_keep_it_to_myself": "1",
        },
        1,
        False,
    ),
    (
        "access",
        "fenwick",
        "fenwick",
        {
            "which_rights": "See the shipments of our site in Grimsby in the web shop.",
            "i_need_it_for_my_work_and_keep_it_to_myself": "1",
        },
        None,
        False,
    ),
)
