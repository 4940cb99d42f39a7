"""The invented names that a sample district is made of."""

from __future__ import annotations

GIVEN = (
    *("Ada", "Amos", "Ann", "Arlo", "Bea", "Ben", "Cleo", "Cora", "Dana", "Dean", "Edda", "Eli", "Ema", "Ezra"),
    *("Faye", "Finn", "Gail", "Gus", "Hana", "Hugh", "Ida", "Ivo", "Jade", "Jonas", "Kai", "Kira", "Lena", "Levi"),
    *("Mara", "Milo", "Nell", "Noah", "Olga", "Otis", "Pia", "Quinn", "Rhea", "Rory", "Sana", "Seth", "Tess"),
    *("Theo", "Uma", "Vera", "Vito", "Wren", "Yara", "Zane", "Zoë", "Åsa", "José", "Mei-Lin"),
)
FAMILY = (
    *("Abel", "Ash", "Barlow", "Birch", "Calder", "Croft", "Dale", "Dunn", "Ellery", "Elm", "Farrow", "Fenn"),
    *("Garner", "Glenn", "Hale", "Hollis", "Ingram", "Ives", "Jarrow", "Joyce", "Keller", "Knox", "Larkin"),
    *("Lowe", "Marsh", "Moss", "Nash", "North", "Oakes", "Orr", "Palmer", "Pike", "Quill", "Rand", "Reed"),
    *("Sloane", "Stone", "Tate", "Thorn", "Udall", "Vance", "Vale", "Wells", "Wick", "Yates", "York", "Zeller"),
    *("O'Dell", "Núñez", "Sørby"),
)
PLACES = (
    *("Cedar", "Maple", "Willow", "Aspen", "Juniper", "Hazel", "Linden", "Alder", "Poplar", "Rowan", "Laurel"),
    "Sorrel",
)
SUBJECTS = (
    ("Mathematics", "MAT", "02001"),
    ("English", "ENG", "01001"),
    ("Science", "SCI", "03001"),
    ("Social Studies", "SOC", "04001"),
    ("Art", "ART", "05154"),
)
GRADES = ("KG", *(f"{grade:02d}" for grade in range(1, 13)))


PLAIN = str.maketrans("ëåéúñø", "eaeuno", "-'")


def ascii_name(name: str) -> str:
    """Give the form of a name that can stand in an email address."""
    return name.lower().translate(PLAIN)
