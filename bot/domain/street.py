"""The street falin serves: its communities, advisers, hours and hotlines (street.yml)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Community:
    """Args: id (English, stands in posters' links), name, adviser (id of its legal adviser), address of its office."""

    id: str
    name: str
    adviser: str
    address: str = ""


@dataclass(frozen=True)
class Adviser:
    """Args: id, name as residents see it, phone of the office (may be empty)."""

    id: str
    name: str
    phone: str = ""


@dataclass(frozen=True)
class Street:
    """One street. `hours` is text for residents; the work calendar that promises times comes with the handoff."""

    name: str
    office: str
    phone: str
    hours: str
    communities: tuple[Community, ...]
    advisers: tuple[Adviser, ...]
    hotlines: tuple[tuple[str, str], ...]

    def find_community(self, wanted: str) -> Community | None:
        """By id or name; "白马社区", "白马" and "baima" all find 白马社区."""
        plain = wanted.strip().lower().removesuffix("社区")
        for community in self.communities:
            if plain in (community.id, community.name.removesuffix("社区")):
                return community
        return None

    def find_adviser(self, adviser_id: str) -> Adviser | None:
        """The adviser with this id."""
        return next((a for a in self.advisers if a.id == adviser_id), None)
