"""The files that users bring, anywhere, plain or compressed, and the documents and products in them."""

from sq_source.catalogue import read_catalogue
from sq_source.distinct import distinct
from sq_source.documents import read_documents
from sq_source.files import find_files, open_bytes, open_seekable
from sq_source.formats import format_of, parse_object
from sq_source.guess import guess_fields
from sq_source.mapping import to_product
from sq_source.text_lines import read_lines

__all__ = [
    "distinct",
    "find_files",
    "format_of",
    "guess_fields",
    "open_bytes",
    "open_seekable",
    "parse_object",
    "read_catalogue",
    "read_documents",
    "read_lines",
    "to_product",
]
