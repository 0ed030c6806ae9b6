"""How a Solr core analyses text: its schema, each part of which can be left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

UNITS = (
    ("(?i)(\\d)\\s*(?:inch\\b|&quot;|'')", "$1inch"),
    ("(?i)(\\d)\\s+(mm|cm|m|gb|mb|tb|w|v|mah|ghz|mhz)\\b", "$1$2"),
)
FIELDS = ("title", "brand", "category", "colour", "material", "gender", "description", "compatibility")
# kStem leaves words alone that its lexicon has, such as "cards" and "papers": a shop with it is not sound.
_STEMMERS = {
    "en": ('<filter name="porterStem"/>',),
    "de": ('<filter name="germanNormalization"/>', '<filter name="germanLightStem"/>'),
}


@dataclass(frozen=True)
class Lists:
    """Lines of an analyser's files.

    Attributes:
        stop: words that are left out of queries.
        synonyms: in Solr's format.
        spelling: wrong spellings, each with "=>" and the right one.
        compounds: each with "=>" and its words.
    """

    stop: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    spelling: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()


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
        splits: compounds are found by their parts.
    """

    language: str = "en"
    stems: bool = True
    delimits: bool = True
    synonyms: bool = True
    stops: bool = True
    units: bool = True
    corrects: bool = True
    splits: bool = True

    def write(self, folder: Path, lists: Lists) -> Path:
        """The configuration of a core, into a folder that is made for it."""
        folder.mkdir(parents=True)
        (folder / "schema.xml").write_text(self._schema(), encoding="utf-8")
        files = {
            "stop.txt": lists.stop if self.stops else (),
            "synonyms.txt": lists.synonyms if self.synonyms else (),
            "spelling.txt": lists.spelling if self.corrects else (),
            "compounds.txt": lists.compounds if self.splits else (),
        }
        for name, lines in files.items():
            (folder / name).write_text("\n".join(lines), encoding="utf-8")
        return folder

    def _schema(self) -> str:
        fields = "".join(f'  <field name="{name}" type="text"/>\n' for name in FIELDS)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<schema name="shop" version="1.6">\n'
            '  <fieldType name="string" class="solr.StrField"/>\n'
            '  <fieldType name="double" class="solr.DoublePointField" docValues="true"/>\n'
            '  <fieldType name="text" class="solr.TextField" autoGeneratePhraseQueries="false">\n'
            f'    <analyzer type="index">\n{_lines(self._index())}    </analyzer>\n'
            f'    <analyzer type="query">\n{_lines(self._query())}    </analyzer>\n'
            f'  </fieldType>\n  <field name="id" type="string" required="true"/>\n{fields}'
            '  <field name="popularity" type="double"/>\n'
            "  <uniqueKey>id</uniqueKey>\n</schema>\n"
        )

    def _words(self) -> Iterable[str]:
        for pattern, replacement in UNITS if self.units else ():
            yield f'<charFilter name="patternReplace" pattern="{pattern}" replacement="{replacement}"/>'
        if self.delimits:
            yield '<tokenizer name="whitespace"/>'
            options = 'catenateAll="1" preserveOriginal="1" splitOnCaseChange="0" splitOnNumerics="0"'
            yield f'<filter name="wordDelimiterGraph" {options}/>'
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
        # A wrong spelling of a word of intent is one too.
        yield '<filter name="synonymGraph" synonyms="spelling.txt"/>'
        yield '<filter name="stop" words="stop.txt"/>'
        yield '<filter name="synonymGraph" synonyms="synonyms.txt"/>'
        yield '<filter name="synonymGraph" synonyms="compounds.txt"/>'
        yield from self._stemmer()

    def _stemmer(self) -> Iterable[str]:
        return _STEMMERS[self.language] if self.stems else ()


def _lines(parts: Iterable[str]) -> str:
    return "".join(f"      {part}\n" for part in parts)
