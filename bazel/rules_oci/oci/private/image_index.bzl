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
    run_tool(ctx, "index.py", arguments, ctx.files.images, [out], "OCIIndex", "OCI Index %s" % ctx.label)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

oci_image_index = rule(
    doc = "An OCI layout with an index of images.",
    implementation = _image_index_impl,
    attrs = dict(
        images = attr.label_list(mandatory = True, doc = "oci_image targets, one for each platform"),
        platforms = attr.label_list(doc = "not implemented"),
        **TOOL_ATTRS
    ),
)
