"""The digest of an image, in a file."""

load(":tool.bzl", "TOOL_ATTRS", "run_tool")

def _digest_impl(ctx):
    arguments = ctx.actions.args()
    arguments.add(ctx.file.image.path)
    arguments.add(ctx.outputs.out)
    run_tool(ctx, "digest.py", arguments, [ctx.file.image], [ctx.outputs.out], "OCIDigest", "OCI Digest %s" % ctx.label)
    return [DefaultInfo(files = depset([ctx.outputs.out]), runfiles = ctx.runfiles([ctx.outputs.out]))]

digest = rule(
    doc = "Writes the digest (sha256:…) of the manifest or index in a layout.",
    implementation = _digest_impl,
    attrs = dict(
        image = attr.label(mandatory = True, allow_single_file = True),
        out = attr.output(mandatory = True),
        **TOOL_ATTRS
    ),
)
