"""What the code of a stage gets: inputs, configuration and output."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain

from google.protobuf.message import Message

from sq.v1.manifest_pb2 import Page, PinnedModel
from sq.v1.tag_pb2 import TagEngine
from sq_handoff import ArtefactReader, ArtefactWriter, Store
from sq_handoff.location import join
from sq_stagekit.errors import Stopped
from sq_stagekit.pages import store_page
from sq_stagekit.pinned_models import pinned
from sq_stagekit.progress import Progress
from sq_stagekit.shard import Shard
from sq_stagekit.spending import Reuse, Spending
from sq_stagekit.telemetry import Telemetry


@dataclass
class Work:
    """Inputs, configuration and output of one execution of a stage.

    Attributes:
        config: the stage's configuration message, parsed and checked.
        inputs: readers by input name, in the order given.
        unfinished: number of records that failed for a reason that may pass, by the reason's name. The next run of the
            same work does only these again.
        note: what a person should know of the result, in one sentence. What is beyond 500 characters is cut off.
    """

    run_id: str
    market: str
    shard: Shard
    config: Message
    inputs: dict[str, list[ArtefactReader]]
    output: ArtefactWriter
    log: logging.Logger
    progress: Progress
    stop: threading.Event
    telemetry: Telemetry = field(default_factory=Telemetry)
    pages: list[Page] = field(default_factory=list)
    tag_engines: list[TagEngine] = field(default_factory=list)
    models: list[PinnedModel] = field(default_factory=list)
    unfinished: Counter[str] = field(default_factory=Counter)
    spending: Spending | None = None
    reused: Reuse | None = None
    first_segment: str = ""
    last_segment: str = ""
    note: str = ""

    def write(self, record: Message) -> None:
        """Appends a record to the output artefact, which is published when the stage's own code returns."""
        self.output.write(record)
        for segment_id in _segments(record):
            if not self.first_segment or segment_id < self.first_segment:
                self.first_segment = segment_id
            self.last_segment = max(self.last_segment, segment_id)

    def note_engine(self, engine: TagEngine) -> None:
        """Records an engine that tags the stage's texts in the provenance."""
        if engine not in self.tag_engines:
            self.tag_engines.append(engine)
            extra = {"engine": f"{engine.name}/{engine.version}", "gazetteer": engine.gazetteer_digest}
            self.log.info("tagged by", extra={**extra, "language": engine.language})

    def pinned_model(self, reference: str) -> str:
        """The version that a model's reference meant for the inputs, or the reference itself."""
        return pinned(reference, chain.from_iterable(self.inputs.values()))

    def note_model(self, reference: str, model: PinnedModel) -> None:
        """Records a model that the stage runs in the provenance, under the name that the configuration has for it."""
        used = PinnedModel(reference=reference, uri=model.uri, digest=model.digest)
        if used not in self.models:
            self.models.append(used)
            self.log.info("runs a model", extra={"model": used.uri, "digest": used.digest})

    def spend(self, spending: Spending) -> None:
        """The stage makes paid calls. What they cost is shown, logged and recorded in the provenance."""
        self.spending = spending
        self.progress.spending = spending

    def reuse(self, reused: Reuse) -> None:
        """The stage keeps paid answers. How many it used again is logged with what it spent."""
        self.reused = reused

    def phase(self, name: str) -> AbstractContextManager[object]:
        """A named part of the work, for traces and metrics."""
        return self.telemetry.phase(name)

    @property
    def scratch(self) -> Store:
        """A store below the output for what must survive a crash, such as paid answers."""
        return Store.at(join(self.output.uri, "scratch"))

    def add_page(self, name: str, data: bytes) -> None:
        """Adds a file for people. It appears beside the records when the artefact is published."""
        self.pages.append(store_page(Store.at(self.output.uri), name, data))

    @property
    def stopping(self) -> bool:
        """Whether the stage received SIGTERM or SIGINT: it should finish calls in progress, save them and return."""
        return self.stop.is_set()

    def check_stop(self) -> None:
        """Raises Stopped if the stage received SIGTERM or SIGINT."""
        if self.stopping:
            raise Stopped


def _segments(record: Message) -> list[str]:
    names = record.DESCRIPTOR.oneofs_by_name
    inner = getattr(record, record.WhichOneof("record")) if "record" in names else record
    segment_id = getattr(inner, "segment_id", "")
    return [segment_id] if segment_id else []
