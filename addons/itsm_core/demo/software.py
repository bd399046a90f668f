"""What the story licenses, keeps in its library and has installed.

Plain data: days count from the day of loading, keys are those of the story's files.
"""

import hashlib

#: key: name, how it is counted, publisher, responsible.
SOFTWARE = {
    "erp_client": ("Freight ERP Client", "installation", "oakwell", "hale"),
    "office": ("Office Suite", "user", None, "ilie"),
    "hypervisor": ("Hypervisor", "core", None, "zielinski"),
    "backup_agent": ("Backup Agent", "device", None, "zielinski"),
    "label_designer": ("Label Designer", "installation", None, "ilie"),
}

#: software, item that is the licence, vendor, quantity, first and last day, contract,
#: cost.
ENTITLEMENTS = (
    (
        "erp_client",
        "Freight ERP maintenance",
        "oakwell",
        10,
        -700,
        240,
        "OW-2231",
        9600,
    ),
    (
        "erp_client",
        "Freight ERP maintenance",
        "oakwell",
        4,
        -400,
        -310,
        "OW-2240",
        1200,
    ),
    ("office", "Office Suite subscription", "nimbus", 14, -125, 240, "NIM-7710", 2184),
    ("hypervisor", "Nimbus licences", "nimbus", 192, -1040, 55, "NIM-7702", 28800),
    ("backup_agent", "Nimbus licences", "nimbus", 20, -600, 130, "NIM-7705", 4400),
    (
        "label_designer",
        "Label Designer keys",
        "paperclip",
        12,
        -900,
        None,
        "PL-88",
        1440,
    ),
)

#: software, version, state it has reached, days to the end of support, place.
VERSIONS = (
    ("erp_client", "12.3.9", "withdrawn", -20, "//fel-file-01/library/erp/12.3.9"),
    ("erp_client", "12.4.2", "released", 300, "//fel-file-01/library/erp/12.4.2"),
    ("erp_client", "13.0.0", "test", None, "//fel-file-01/library/erp/13.0.0-rc2"),
    ("hypervisor", "8.0", "released", 500, "//fel-file-01/library/hypervisor/8.0"),
    ("backup_agent", "10.1", "released", -45, "//fel-file-01/library/backup/10.1"),
    ("backup_agent", "11.2", "released", 640, "//fel-file-01/library/backup/11.2"),
    ("label_designer", "2.9", "released", None, "Safe in Felixstowe, shelf 2"),
)

#: software, version, items of the story by their keys.
INSTALLATIONS = (
    ("erp_client", "12.3.9", ("laptop_osborne", "laptop_stokes")),
    (
        "erp_client",
        "12.4.2",
        (
            "laptop_pryce",
            "laptop_rahimi",
            "laptop_achebe",
            "laptop_donnelly",
            "laptop_hartnell",
            "laptop_whitcombe",
            "laptop_fischer",
            "laptop_langley",
            "laptop_okoye",
        ),
    ),
    ("erp_client", "13.0.0", ("laptop_webb",)),
    (
        "office",
        None,
        (
            "laptop_osborne",
            "laptop_pryce",
            "laptop_rahimi",
            "laptop_achebe",
            "laptop_donnelly",
            "laptop_hartnell",
            "laptop_stokes",
            "laptop_whitcombe",
            "laptop_fischer",
            "laptop_langley",
            "laptop_okoye",
            "laptop_webb",
            "laptop_iqbal",
            "laptop_mcrae",
        ),
    ),
    ("hypervisor", "8.0", ("nim_host_1", "nim_host_2", "fel_host_1", "fel_host_2")),
    ("backup_agent", "10.1", ("erp_test", "erp_accept")),
    (
        "backup_agent",
        "11.2",
        (
            "erp_app_1",
            "erp_app_2",
            "erp_db_1",
            "scan_app_1",
            "shop_web_1",
            "shop_web_2",
            "shop_db_1",
            "mail_gw_1",
            "file_1",
            "print_1",
            "dc_1",
            "monitor_1",
            "wlc_1",
            "dc_2",
        ),
    ),
    ("label_designer", "2.9", ("laptop_stokes", "laptop_whitcombe", "laptop_fischer")),
)

#: Who leaves when.
LEAVERS = {"mcrae": 9, "fischer": -4}

#: item, person, from and to: who used what is in stock now.
FORMER_USES = (
    ("laptop_stock_1", "okoye", -560, -170),
    ("laptop_stock_2", "webb", -410, -90),
)


def make_checksum(software, version):
    """Return a checksum for the story: of a name, for there is no file."""
    return hashlib.sha256(f"{software} {version}".encode()).hexdigest()
