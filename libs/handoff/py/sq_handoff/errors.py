"""What can be wrong with an artefact. Every error names the place, the problem and the fix."""


class ArtefactError(Exception):
    """An artefact cannot be read or published."""

    fix = "check the URI"

    def __init__(self, uri: str, problem: str) -> None:
        super().__init__(f"{uri}: {problem}")
        self.uri = uri
        self.problem = problem


class NotFound(ArtefactError):
    """No manifest: nothing was published there, or not yet."""

    fix = "give the URI of a published artefact: a folder that holds manifest.json"


class WrongType(ArtefactError):
    """The records are of another message type, or of another version of it."""

    fix = "give the output of the stage that makes this type, built from the same contracts"


class Corrupt(ArtefactError):
    """Stored bytes are not those the manifest promises."""

    fix = "run the stage that made it again, under a new run id"


class Conflict(ArtefactError):
    """Another writer published different records under this URI first."""

    fix = "write to another URI, for example under a new run id"
