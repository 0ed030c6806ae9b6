"""What people bring: files anywhere, plain or compressed, and the catalogues in them."""

from sq_source.catalogue import read_catalogue
from sq_source.documents import format_of, parse_object, read_documents
from sq_source.files import find_files, open_bytes, open_seekable
from sq_source.guess import guess_fields
from sq_source.mapping import to_product

__all__ = [
    "find_files",
    "format_of",
    "guess_fields",
    "open_bytes",
    "open_seekable",
    "parse_object",
    "read_catalogue",
    "read_documents",
    "to_product",
]
