"""Models of a bucket: signed folders, their registry, the production pointer, and their modules."""

from sq_models.folder import CARD_FILE, folder_digest, verified_copy
from sq_models.opening import OpenFolder, open_folder
from sq_models.production import promote, rollback
from sq_models.reference import Reference, is_reference, parse_reference
from sq_models.registry import Move, Registry

__all__ = [
    "CARD_FILE",
    "Move",
    "OpenFolder",
    "Reference",
    "Registry",
    "folder_digest",
    "is_reference",
    "open_folder",
    "parse_reference",
    "promote",
    "rollback",
    "verified_copy",
]
