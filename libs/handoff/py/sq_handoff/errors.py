"""Errors of artefacts. Each has the URI, the problem and what to do."""


class ArtefactError(Exception):
    """An artefact cannot be read or published.

    Attributes:
        fix: what to do.
    """

    fix = "check the URI"

    def __init__(self, uri: str, problem: str) -> None:
        super().__init__(f"{uri}: {problem}")
        self.uri = uri
        self.problem = problem


class NotFound(ArtefactError):
    """There is no manifest: nothing is published there, at least not yet."""

    fix = "give the URI of a published artefact: a folder with a manifest.json"


class WrongType(ArtefactError):
    """The records are of another message type, or of another version of it."""

    fix = "give the output of a stage that writes this type and was built from the same contracts"


class Corrupt(ArtefactError):
    """The stored bytes do not match the manifest."""

    fix = "run the stage that wrote it again, with a new run ID"


class Conflict(ArtefactError):
    """Another writer published different records under this URI first."""

    fix = "write to another URI, for example with a new run ID"
