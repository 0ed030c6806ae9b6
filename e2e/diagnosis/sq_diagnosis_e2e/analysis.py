"""How a Solr core analyses text: its schema, each part of which can be left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sq_diagnosis_e2e.wording import INTENT, synonym_lines

_UNITS = (
    ("(?i)(\\d)\\s*(?:inch\\b|&quot;|'')", "$1inch"),
    ("(?i)(\\d)\\s+(mm|cm|m|gb|mb|tb|w|v|mah|ghz|mhz)\\b", "$1$2"),
)
_FIELDS = ("title", "brand", "category", "colour", "description", "compatibility")


@dataclass(frozen=True)
class Analysis:
    """What the analyser does.

    Attributes:
        stems: inflected forms are one.
        delimits: a name is found joined, apart, and with its marks.
        synonyms: the query's words stand for the catalogue's too.
        stops: words of intent are left out of the query.
        units: quantities are written in one way.
        corrects: known wrong spellings stand for the right ones.
    """

    stems: bool = True
    delimits: bool = True
    synonyms: bool = True
    stops: bool = True
    units: bool = True
    corrects: bool = True

    def write(self, folder: Path, mistyped: Mapping[str, str]) -> Path:
        """The configuration of a core, into a folder that is made for it."""
        folder.mkdir(parents=True)
        (folder / "schema.xml").write_text(self._schema(), encoding="utf-8")
        (folder / "stop.txt").write_text("\n".join(INTENT), encoding="utf-8")
        synonyms = synonym_lines() if self.synonyms else []
        (folder / "synonyms.txt").write_text("\n".join(synonyms), encoding="utf-8")
        aliases = [f"{wrong} => {right}" for wrong, right in mistyped.items()] if self.corrects else []
        (folder / "spelling.txt").write_text("\n".join(aliases), encoding="utf-8")
        return folder

    def _schema(self) -> str:
        fields = "".join(f'  <field name="{name}" type="text"/>\n' for name in _FIELDS)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<schema name="shop" version="1.6">\n'
            '  <fieldType name="string" class="solr.StrField"/>\n'
            '  <fieldType name="text" class="solr.TextField" autoGeneratePhraseQueries="false">\n'
            f'    <analyzer type="index">\n{_lines(self._index())}    </analyzer>\n'
            f'    <analyzer type="query">\n{_lines(self._query())}    </analyzer>\n'
            f'  </fieldType>\n  <field name="id" type="string" required="true"/>\n{fields}'
            "  <uniqueKey>id</uniqueKey>\n</schema>\n"
        )

    def _words(self) -> Iterable[str]:
        for pattern, replacement in _UNITS if self.units else ():
            yield f'<charFilter name="patternReplace" pattern="{pattern}" replacement="{replacement}"/>'
        if self.delimits:
            yield '<tokenizer name="whitespace"/>'
            yield '<filter name="wordDelimiterGraph" catenateAll="1" preserveOriginal="1" splitOnCaseChange="0" splitOnNumerics="0"/>'
        else:
            yield '<tokenizer name="standard"/>'

    def _index(self) -> Iterable[str]:
        yield from self._words()
        if self.delimits:
            yield '<filter name="flattenGraph"/>'
        yield '<filter name="lowercase"/>'
        yield from self._stemmer()

    def _query(self) -> Iterable[str]:
        yield from self._words()
        yield '<filter name="lowercase"/>'
        if self.stops:
            yield '<filter name="stop" words="stop.txt"/>'
        yield '<filter name="synonymGraph" synonyms="spelling.txt"/>'
        yield '<filter name="synonymGraph" synonyms="synonyms.txt"/>'
        yield from self._stemmer()

    def _stemmer(self) -> Iterable[str]:
        if self.stems:
            yield '<filter name="kStem"/>'


def _lines(parts: Iterable[str]) -> str:
    return "".join(f"      {part}\n" for part in parts)
