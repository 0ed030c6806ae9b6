"""Pushes an image to a registry."""

load(":tool.bzl", "FLAGS", "PYTHON", "TOOL_ATTRS", "tool_path")

_LAUNCHER = """\
#!/bin/bash
set -euo pipefail
runfiles=${{RUNFILES_DIR:-$0.runfiles}}
[[ -d $runfiles ]] || runfiles=$(cd ../ && pwd)
cd "$runfiles/{workspace}"
exec {python} {tool} --crane {crane} --image {image} {arguments} "$@"
"""

def _repository_problem(repository):
    # Like the original, which takes the port of a bare host (localhost:5000) for a tag.
    return "@" in repository or ":" in repository.split("/")[-1]

def _push_impl(ctx):
    if ctx.attr.repository and ctx.attr.repository_file:
        fail("must specify exactly one of 'repository_file' or 'repository'")
    if _repository_problem(ctx.attr.repository):
        fail("`repository` attribute should not contain digest or tag. got: %s" % ctx.attr.repository)
    if not ctx.file.image.is_directory:
        fail("'image' must be an oci_image or oci_image_index, not the file %s" % ctx.file.image.short_path)
    files = [ctx.file.image, ctx.executable._crane]
    arguments = []
    if ctx.attr.repository:
        arguments.append("--repository '%s'" % ctx.attr.repository)
    for flag, file in [("--repository-file", ctx.file.repository_file), ("--tags-file", ctx.file.remote_tags)]:
        if file:
            arguments.append("%s %s" % (flag, file.short_path))
            files.append(file)
    launcher = ctx.actions.declare_file("push_%s.sh" % ctx.label.name)
    ctx.actions.write(launcher, _LAUNCHER.format(
        arguments = " ".join(arguments),
        crane = ctx.executable._crane.short_path,
        image = ctx.file.image.short_path,
        python = " ".join([PYTHON] + FLAGS),
        tool = tool_path(ctx, "push.py").short_path,
        workspace = ctx.workspace_name,
    ), is_executable = True)
    return [DefaultInfo(executable = launcher, runfiles = ctx.runfiles(files + ctx.files._tools))]

oci_push = rule(
    doc = "Pushes an image by its digest and then tags it, with crane and the credentials that crane finds.",
    implementation = _push_impl,
    executable = True,
    attrs = dict(
        image = attr.label(mandatory = True, allow_single_file = True),
        remote_tags = attr.label(allow_single_file = True, doc = "file with one tag on each line"),
        repository = attr.string(doc = "like registry.example/team/image, without tag and digest"),
        repository_file = attr.label(allow_single_file = True, doc = "file with the repository"),
        _crane = attr.label(default = "@oci_crane//:crane", executable = True, cfg = "target", allow_single_file = True),
        **TOOL_ATTRS
    ),
)
