import io
import json
import os
import tarfile
from pathlib import Path

import pytest
import zstandard

from sq_cli.engines.container import Container, Mount, User
from sq_cli.engines.containerd import Containerd
from sq_cli.engines.docker import Docker
from sq_cli.engines.podman import Podman
from sq_cli.image_archive import write_docker_archive, write_oci_archive
from sq_stagekit import InputError

SECRET = "correct horse"
ENGINES = [Docker(), Podman(), Containerd()]


def container(**environment: str) -> Container:
    return Container(
        name="sq-0-uk-evaluate",
        reference="sq-evaluate:1",
        user=User(1000, 100),
        program="sq-evaluate",
        arguments=("--run-id", "r1"),
        mounts=(
            Mount(Path("/host/log"), Path("/data/log")),
            Mount(Path("/runs/r1"), Path("/runs/r1"), read_only=False),
        ),
        environment={"OPENAI_API_KEY": SECRET, "SQ_TRY": "1", **environment},
    )


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_inputs_are_read_only_and_the_run_is_not(engine, tmp_path) -> None:
    command = engine.command(container(), tmp_path)
    (log,) = [part for part in command if "/data/log" in part]
    (run,) = [part for part in command if "/runs/r1" in part]
    assert "=/host/log," in log
    assert log.endswith((",readonly", ":ro"))
    assert "ro" not in run.rpartition("/runs/r1")[2].replace("rbind", "")


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_container_has_the_hosts_network_and_a_read_only_root(engine, tmp_path) -> None:
    command = engine.command(container(), tmp_path)
    assert "--read-only" in command
    assert "--net-host" in command or "--network=host" in command


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_the_stages_program_and_flags_stand_last(engine, tmp_path) -> None:
    command = engine.command(container(), tmp_path)
    assert command[-2:] == ["--run-id", "r1"]
    assert "sq-evaluate" in command or "--entrypoint=sq-evaluate" in command


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_values_of_variables_stand_on_no_command_line(engine, tmp_path) -> None:
    made = container()
    assert SECRET not in " ".join(engine.command(made, tmp_path))
    assert SECRET not in repr(made)


@pytest.mark.parametrize("engine", [Docker(), Podman()], ids=lambda engine: engine.name)
def test_docker_and_podman_take_variables_by_name(engine, tmp_path) -> None:
    command = engine.command(container(), tmp_path)
    assert {"--env=OPENAI_API_KEY", "--env=SQ_TRY", "--user=1000:100", "--cap-drop=all"} <= set(command)
    assert engine.environment(container())["OPENAI_API_KEY"] == SECRET


def test_ctr_takes_variables_from_a_file_that_others_cannot_read(tmp_path) -> None:
    (flag,) = [part for part in Containerd().command(container(), tmp_path) if part.startswith("--env-file=")]
    file = Path(flag.partition("=")[2])
    assert file.read_text() == f"OPENAI_API_KEY={SECRET}\nSQ_TRY=1\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_ctr_refuses_a_value_of_several_lines(tmp_path) -> None:
    with pytest.raises(InputError, match="KEY_PEM: has more than one line"):
        Containerd().command(container(KEY_PEM="a\nb"), tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="podman run by root maps no users")
def test_podman_without_root_keeps_the_callers_user(tmp_path) -> None:
    assert "--userns=keep-id" in Podman().command(container(), tmp_path)


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\nb"])
def test_a_path_no_engine_takes_is_refused(name) -> None:
    with pytest.raises(InputError, match="rename it"):
        Mount(Path("/") / name, Path("/data"))


@pytest.fixture
def layout(tmp_path) -> Path:
    """An image of a plain layer and one in zstd; as the build has them, blobs are links."""
    contents = {"config": b"{}", "plain": b"a layer", "zstd": zstandard.compress(b"another layer")}
    (tmp_path / "blobs/sha256").mkdir(parents=True)
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / "blobs/sha256" / name).symlink_to(tmp_path / name)
    media_types = {"plain": "application/vnd.oci.image.layer.v1.tar+gzip"}
    media_types["zstd"] = "application/vnd.oci.image.layer.v1.tar+zstd"
    layers = [{"digest": f"sha256:{name}", "mediaType": kind} for name, kind in media_types.items()]
    manifest = {"config": {"digest": "sha256:config"}, "layers": layers}
    (tmp_path / "blobs/sha256/manifest").write_text(json.dumps(manifest))
    (tmp_path / "index.json").write_text(json.dumps({"manifests": [{"digest": "sha256:manifest"}]}))
    (tmp_path / "oci-layout").write_text("{}")
    return tmp_path


def written(write, layout: Path) -> dict[str, bytes]:
    out = io.BytesIO()
    write(layout, "sq.local/sq-x:1", out)
    with tarfile.open(fileobj=io.BytesIO(out.getvalue())) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}


def test_an_archive_for_containerd_has_the_layouts_bytes(layout: Path) -> None:
    files = written(write_oci_archive, layout)
    (named,) = json.loads(files["index.json"])["manifests"]
    assert named["annotations"]["io.containerd.image.name"] == "sq.local/sq-x:1"
    assert named["digest"] == "sha256:manifest"
    for blob in (layout / "blobs/sha256").iterdir():
        assert files[f"blobs/sha256/{blob.name}"] == blob.read_bytes()


def test_an_archive_for_docker_has_no_zstd(layout: Path) -> None:
    files = written(write_docker_archive, layout)
    (image,) = json.loads(files["manifest.json"])
    assert image["RepoTags"] == ["sq.local/sq-x:1"]
    assert [files[path] for path in image["Layers"]] == [b"a layer", b"another layer"]
    assert files[image["Config"]] == b"{}"
