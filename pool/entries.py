"""New entries of the catalog and their codes (compilation guide of 2017, element 3: classification, "/", sequence).

A department's own entries stand under class 3, its two-digit number and a three-digit item that rises; when those are
used up, the last one's sequence rises. Equal specs within one collection are one entry. It writes nothing.
"""

from dataclasses import replace

from pool.cataloguing import EntrySpec
from pool.errors import CollectionError
from pool.inventory import Inventory

_LAST_ITEM = 999


class Entries:
    """The entries a collection refers to: existing ones by code or title, new ones in the order they came up."""

    def __init__(self, inventory: Inventory) -> None:
        self.new: dict[str, EntrySpec] = {}
        self._inventory = inventory
        self._code_by_spec: dict[EntrySpec, str] = {}
        self._code_by_title = {
            entry.title: entry.code for entry in inventory.entries.values() if entry.provider == inventory.provider
        }
        self._last_sequence: dict[str, int] = {}
        for entry in inventory.entries.values():
            last = self._last_sequence.get(entry.classification, 0)
            self._last_sequence[entry.classification] = max(last, entry.sequence)
        self._prefix = f"3{inventory.number:02}"
        self._last_item = max((self._item_of(code) for code in self._last_sequence), default=0)

    def existing(self, code: str) -> str:
        """The code, if the provider has such an entry; raises CollectionError otherwise."""
        entry = self._inventory.entries.get(code)
        if entry is None:
            raise CollectionError(f"the catalog has no entry {code}", "leave the entry out to have a new one made")
        if entry.provider != self._inventory.provider:
            raise CollectionError(f"entry {code} belongs to {entry.provider}, not to {self._inventory.provider}")
        return code

    def declared(self, spec: EntrySpec) -> str:
        """The code of the entry a spec describes: made before from an equal one, existing under its title, or new."""
        if spec in self._code_by_spec:
            return self._code_by_spec[spec]
        code = self._code_by_title.get(spec.title)
        if code in self.new:
            raise CollectionError(f"two different entries are both called {spec.title}", "give each its own title")
        self._code_by_spec[spec] = code or self._add(spec)
        return self._code_by_spec[spec]

    def derived(self, title: str) -> str:
        """The code of a new entry for one table alone, its title made unique within the provider."""
        free, number = title, 1
        while free in self._code_by_title:
            number += 1
            free = f"{title}（{number}）"
        return self._add(EntrySpec(title=free))

    def _add(self, spec: EntrySpec) -> str:
        classification = spec.classification or self._next_classification()
        sequence = self._last_sequence.get(classification, 0) + 1
        code = f"{classification}/{sequence:05}"
        self._last_sequence[classification] = sequence
        self._last_item = max(self._last_item, self._item_of(classification))
        self._code_by_title[spec.title] = code
        published_on = spec.published_on or (self._inventory.today if spec.status == "published" else None)
        self.new[code] = replace(
            spec,
            classification=classification,
            published_on=published_on,
            authoritative_source=spec.authoritative_source or self._inventory.provider,
        )
        return code

    def _next_classification(self) -> str:
        return f"{self._prefix}{min(self._last_item + 1, _LAST_ITEM):03}"

    def _item_of(self, classification: str) -> int:
        return int(classification[3:6]) if classification.startswith(self._prefix) else 0
