"""Loads an image into the container engine of this machine."""

load(":tool.bzl", "FLAGS", "PYTHON", "TOOL_ATTRS", "run_tool", "tool_path")

_LAUNCHER = """\
#!/bin/bash
set -euo pipefail
runfiles=${{RUNFILES_DIR:-$0.runfiles}}
[[ -d $runfiles ]] || runfiles=$(cd ../ && pwd)
cd "$runfiles/{workspace}"
exec {python} {tool} --image {image} --format {format} --tags {tags} {loader} "$@"
"""

def _load_impl(ctx):
    if not ctx.file.image.is_directory:
        fail("'image' must be an oci_image or oci_image_index, not the file %s" % ctx.file.image.short_path)
    inputs = [ctx.file.image, ctx.file.repo_tags]
    manifest = ctx.actions.declare_file(ctx.label.name + "/manifest.json")
    tarball = ctx.actions.declare_file(ctx.label.name + "/tarball.tar")
    for out, flag in [(manifest, "--manifest"), (tarball, "--tarball")]:
        arguments = ctx.actions.args()
        arguments.add("--image", ctx.file.image.path)
        arguments.add("--format", ctx.attr.format)
        arguments.add("--tags", ctx.file.repo_tags)
        arguments.add(flag, out)
        run_tool(ctx, "load.py", arguments, inputs, [out], "OCITarball", "OCI Tarball %s" % ctx.label)

    launcher = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(launcher, _LAUNCHER.format(
        format = ctx.attr.format,
        image = ctx.file.image.short_path,
        loader = "--loader " + ctx.executable.loader.short_path if ctx.attr.loader else "",
        python = " ".join([PYTHON] + FLAGS),
        tags = ctx.file.repo_tags.short_path,
        tool = tool_path(ctx, "load.py").short_path,
        workspace = ctx.workspace_name,
    ), is_executable = True)
    runfiles = ctx.runfiles(inputs + ctx.files._tools + ([ctx.executable.loader] if ctx.attr.loader else []))
    if ctx.attr.loader:
        runfiles = runfiles.merge(ctx.attr.loader[DefaultInfo].default_runfiles)
    return [
        DefaultInfo(executable = launcher, files = depset([manifest]), runfiles = runfiles),
        OutputGroupInfo(tarball = depset([tarball])),
    ]

oci_load = rule(
    doc = "Loads an image into docker, podman or containerd.",
    implementation = _load_impl,
    executable = True,
    attrs = dict(
        format = attr.string(default = "docker", values = ["docker", "oci"], doc = "docker for an image, oci for an index"),
        image = attr.label(mandatory = True, allow_single_file = True),
        loader = attr.label(executable = True, cfg = "target", doc = "program that runs as `PROGRAM load --input FILE`"),
        repo_tags = attr.label(mandatory = True, allow_single_file = [".txt"], doc = "file with one name on each line"),
        **TOOL_ATTRS
    ),
)
