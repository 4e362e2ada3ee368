"""Stored items of the search by name."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.storage.table import InstantAttribute, Item


class NameItem(Item):
    """PK EMP#..#NAMES#<bucket>, SK NAME#<word>#<candidate id>: a candidate is found under this word of the name."""

    kind = "NAME"
    name = UnicodeAttribute()
    """All words of the name, as `name_search.words_of` makes them."""
    applications = JSONAttribute(attr_name="apps")
    """Ids of all applications of the candidate, oldest first."""

    @property
    def word(self) -> str:
        return str(self.SK).split("#")[1]

    @property
    def candidate_id(self) -> str:
        return str(self.SK).split("#")[2]


class NamePassItem(Item):
    """PK EMP#..#NAMES, SK NAMEPASS: where the nightly pass over an employer's names continues."""

    kind = "NAMEPASS"
    after = UnicodeAttribute(null=True)
    """"CAND <id>" or "NAME <bucket> <SK>". None: the pass is finished."""
    finished_at = InstantAttribute(null=True)
