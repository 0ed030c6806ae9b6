"""An index of images for several platforms."""

load(":tool.bzl", "TOOL_ATTRS", "run_tool")

def _image_index_impl(ctx):
    if ctx.attr.platforms:
        fail("'platforms' is not implemented: give one oci_image for each platform in 'images'")
    for file in ctx.files.images:
        if not file.is_directory:
            fail("'images' must be oci_image targets, not the file %s" % file.short_path)
    out = ctx.actions.declare_directory(ctx.label.name)
    arguments = ctx.actions.args()
    arguments.add("--output", out.path)
    arguments.add_all(ctx.files.images, before_each = "--image", expand_directories = False)
    inputs = list(ctx.files.images)
    if ctx.file.annotations:
        arguments.add("--annotations", ctx.file.annotations)
        inputs.append(ctx.file.annotations)
    run_tool(ctx, "index.py", arguments, inputs, [out], "OCIIndex", "OCI Index %s" % ctx.label)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

oci_image_index = rule(
    doc = "An OCI layout with an index of images.",
    implementation = _image_index_impl,
    attrs = dict(
        annotations = attr.label(allow_single_file = True, doc = "KEY=VALUE lines, for the index"),
        images = attr.label_list(mandatory = True, doc = "oci_image targets, one for each platform"),
        platforms = attr.label_list(doc = "not implemented"),
        **TOOL_ATTRS
    ),
)
