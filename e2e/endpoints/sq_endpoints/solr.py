"""Apache Solr out of its Maven artefacts, in the Jetty it ships with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from sq_e2e.servers import await_url, free_port, java_home, running

_SETTINGS = Path(__file__).absolute().parents[1] / "solr"
# The configuration of a core with the sample shop's fields.
SAMPLE_CORE = _SETTINGS


@contextmanager
def solr(class_path: Path, folder: Path, cores: Mapping[str, Path], heap: str = "512m") -> Iterator[str]:
    """A Solr that stands alone; gives its URL, up to and with /solr.

    Args:
        class_path: the folder of jars.
        folder: empty folder for cores, data and logs.
        cores: by name, the folder with the schema and the word lists of each core, which is empty.
        heap: memory of its Java heap.
    """
    for core, given in cores.items():
        settings = folder / "home" / core / "conf"
        settings.mkdir(parents=True)
        (settings.parent / "core.properties").write_text(f"name={core}\n")
        for path in (_SETTINGS / "solrconfig.xml", given / "schema.xml", *given.glob("*.txt")):
            shutil.copy(path, settings / path.name)
    (folder / "home/solr.xml").write_text("<solr/>\n")
    (folder / "webapp/WEB-INF").mkdir(parents=True)
    shutil.copy(_SETTINGS / "web.xml", folder / "webapp/WEB-INF/web.xml")
    port, log = free_port(), folder / "solr.log"
    properties = {
        "jetty.port": port,
        "solr.webapp": folder / "webapp",
        "solr.solr.home": folder / "home",
        "solr.log.dir": folder / "logs",
        "java.io.tmpdir": folder,
    }
    command = [
        str(java_home() / "bin/java"),
        f"-Xmx{heap}",
        *(f"-D{name}={value}" for name, value in properties.items()),
    ]
    command += ["-cp", f"{class_path}/*", "org.eclipse.jetty.xml.XmlConfiguration", str(_SETTINGS / "jetty.xml")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    url = f"http://127.0.0.1:{port}/solr"
    with running(command, log, cwd=folder, env=environment) as server:
        await_url(f"{url}/{next(iter(cores))}/select?q=*:*", server, log)
        yield url


def version(url: str) -> str:
    return httpx.get(f"{url}/admin/info/system", timeout=60).raise_for_status().json()["lucene"]["solr-spec-version"]


def load(url: str, core: str, documents: list[dict]) -> int:
    """Indexes documents; gives the number that Solr says it holds."""
    httpx.post(f"{url}/{core}/update?commit=true", json=documents, timeout=120).raise_for_status()
    return httpx.get(f"{url}/{core}/select?q=*:*&rows=0", timeout=60).json()["response"]["numFound"]
