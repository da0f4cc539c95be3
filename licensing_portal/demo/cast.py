"""Who and what the demo is about: Tern & Vale of Bergen, their software, and those who buy it."""

from dataclasses import dataclass

from events.trail import Origin

SALES = Origin(
    actor_kind="staff", actor_label="oyelaran@tern-vale.example", ip_address="198.51.100.20"
)
SUPPORT = Origin(
    actor_kind="staff", actor_label="haugen@tern-vale.example", ip_address="198.51.100.21"
)
BILLING = Origin(actor_kind="gateway", actor_label="manual")
STAFF_EMAIL = "staff@tern-vale.example"
STAFF_NAME = "Sunniva Oyelaran"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A tenant, and the person who signs in for it."""

    code: str
    name: str
    short: str
    country: str
    city: str
    time_zone: str
    member: str
    member_email: str
    sells_on: bool = False
    sold_by: str = ""


# A reseller stands before those it sells to.
ORGANISATIONS = (
    Organisation(
        "BRENNER", "Brenner Ingenieure GmbH", "BRN", "DE", "Wilhelmshaven",
        "Europe/Berlin", "Marta Lindqvist", "lindqvist@brenner.example",
    ),
    Organisation(
        "NORDLYS", "Nordlys Software Partners AS", "NOR", "NO", "Tromsø",
        "Europe/Oslo", "Eirik Solheim", "solheim@nordlys.example", sells_on=True,
    ),
    Organisation(
        "WESTERMANN", "Geodatenbüro Westermann, Østergård & Söhne GmbH & Co. KG", "GWO", "DE",
        "Flensburg", "Europe/Berlin", "Tomasz Wójcik", "wojcik@westermann.example",
        sold_by="NORDLYS",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer inside one of the tenants; the weight says how many licences it has."""

    tenant: str
    name: str
    contact: str
    email: str
    weight: int


BUYERS = (
    Buyer("BRENNER", "Brenner Ingenieure, Hydrogeology", "Dieter Hofstätter",
          "hofstaetter@brenner.example", 18),
    Buyer("BRENNER", "Brenner Ingenieure, Offshore Wind", "Priya Raghunathan",
          "raghunathan@brenner.example", 16),
    Buyer("BRENNER", "Brenner Ingenieure, Tunnels", "Lukas Amsler", "amsler@brenner.example", 12),
    Buyer("BRENNER", "Brenner Ingenieure, Oslo office", "Ingrid Vik", "vik@brenner.example", 8),
    Buyer("BRENNER", "Brenner Ingenieure, Student Lab", "Jonas Petersen",
          "petersen@brenner.example", 5),
    Buyer("NORDLYS", "Nordlys Software Partners, own use", "Eirik Solheim",
          "solheim@nordlys.example", 4),
    Buyer("NORDLYS", "Finnmark Mineral Survey", "Ánne Somby", "somby@finnmark-survey.example", 9),
    Buyer("NORDLYS", "Hålogaland Tunnelbygg", "Kåre Mikkelsen", "mikkelsen@haalogaland.example", 7),
    Buyer("NORDLYS", "Lofoten Coastal Institute", "Maja Berg", "berg@lofoten-coast.example", 5),
    Buyer("WESTERMANN", "Westermann, Seismics", "Tomasz Wójcik", "wojcik@westermann.example", 9),
    Buyer("WESTERMANN", "Westermann, Land Survey", "Hanne Østergård",
          "ostergard@westermann.example", 6),
    Buyer("WESTERMANN", "Westermann, Archive", "Ole Jessen", "jessen@westermann.example", 3),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Software:
    """A product with what it can do: id, name, what a limit would measure, when it starts anew."""

    product_id: str
    name: str
    version: str
    description: str
    features: tuple[tuple[str, str, str, str], ...]
    base_price: int
    weight: int


SOFTWARE = (
    Software(
        "strata-desktop", "Strata Desktop Professional", "8.2.1",
        "Subsurface modelling on the engineer's own machine.",
        (("modelling", "Modelling core", "", "NONE"),
         ("seismic-import", "Seismic import", "", "NONE"),
         ("exports", "Exports", "COUNT", "MONTH"),
         ("section-storage", "Section storage (GB)", "SIZE", "NONE"),
         ("kriging", "Kriging add-on", "", "NONE")),
        390, 10,
    ),
    Software(
        "strata-compute", "Strata Compute", "5.4.0",
        "Flow and stability simulations on servers and clusters.",
        (("solver", "Solver", "", "NONE"),
         ("gpu", "GPU acceleration", "", "NONE"),
         ("render-hours", "Render hours", "DURATION", "YEAR")),
        940, 5,
    ),
    Software(
        "fieldbook", "Fieldbook", "3.11.2",
        "Boreholes and samples, recorded on site and synchronised later.",
        (("sync", "Multi-site sync", "", "NONE"),
         ("offline-maps", "Offline maps", "", "NONE"),
         ("photos", "Photos", "COUNT", "MONTH")),
        120, 7,
    ),
    Software(
        "strata-connect", "Strata Connect API", "2.0.5",
        "Models and sections for other systems.",
        (("requests", "Requests", "COUNT", "DAY"),
         ("bulk-export", "Bulk export", "", "NONE")),
        210, 3,
    ),
    Software(
        "strata-viewer", "Strata Viewer", "8.2.0",
        "Looks at models; changes none.",
        (("viewing", "Viewing", "", "NONE"), ("annotations", "Annotations", "", "NONE")),
        49, 3,
    ),
)  # fmt: skip

SYSTEMS = (
    "Windows 11 Pro 24H2", "Windows 11 Pro 23H2", "Windows 10 Enterprise LTSC", "Ubuntu 24.04 LTS",
    "Debian 12", "macOS 15.3", "macOS 14.7",
)  # fmt: skip
ROLES_OF_MACHINES = ("WS", "LAP", "LAB", "FIELD", "SRV")
USED_METRICS = ("api_calls_count", "data_processed_mb", "total_runtime_hours")
