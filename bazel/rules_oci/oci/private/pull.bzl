"""An image from an OCI layout on disk."""

load(":tool.bzl", "TOOL_ATTRS", "run_tool")

def _layout_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    arguments = ctx.actions.args()
    arguments.add("--output", out.path)
    arguments.add("--index", ctx.file.index)
    arguments.add_all(ctx.files.blobs)
    run_tool(ctx, "copy_layout.py", arguments, ctx.files.blobs + [ctx.file.index], [out], "OCICopy", "OCI Copy %s" % ctx.label)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

layout = rule(
    doc = "The files of a layout as one directory, like the output of oci_image.",
    implementation = _layout_impl,
    attrs = dict(
        blobs = attr.label_list(allow_files = True),
        index = attr.label(mandatory = True, allow_single_file = True),
        **TOOL_ATTRS
    ),
)
