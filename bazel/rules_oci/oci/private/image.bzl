"""An image of one platform."""

load(":tool.bzl", "TOOL_ATTRS", "run_tool")

_TARS = [".tar", ".tgz", ".tar.gz", ".tzst", ".tar.zst"]

# Each attribute is a file. The flag of assemble.py has the same name.
_FILES = {
    "annotations": "KEY=VALUE lines, for the manifest",
    "cmd": "one argument a line",
    "created": "one RFC 3339 time, without a line break",
    "entrypoint": "one argument a line; resets the base's cmd",
    "env": "KEY=VALUE lines, merged with the base's and expanded",
    "exposed_ports": "ports, separated by commas",
    "labels": "KEY=VALUE lines, for the configuration",
    "volumes": "folders, separated by commas",
}

def _check(ctx):
    if not ctx.attr.base and (not ctx.attr.os or not ctx.attr.architecture):
        fail("'os' and 'architecture' are mandatory when 'base' is unspecified.")
    if ctx.attr.base and (ctx.attr.os or ctx.attr.architecture or ctx.attr.variant):
        fail("'os', 'architecture' and 'variant' come from the image provided by 'base' and cannot be overridden.")
    if ctx.attr.base and not ctx.file.base.is_directory:
        fail("'base' must be an oci_image, not the file %s" % ctx.file.base.short_path)
    if ctx.attr.resource_set != "default":
        fail("'resource_set' is not implemented: leave it out")
    for layer in ctx.files.tars:
        if layer.is_directory:
            fail("'tars' must be archives, not the directory %s: pack it with a rule that makes a .tar" % layer.owner)

def _describe(ctx, index, layer):
    """Digest, size, diff id and media type of each layer. Each layer has its own action, because most layers stay."""
    descriptor = ctx.actions.declare_file("%s.%d.descriptor.json" % (ctx.label.name, index))
    arguments = ctx.actions.args()
    arguments.add(layer)
    arguments.add(str(layer.owner))
    arguments.add(descriptor)
    run_tool(
        ctx,
        "describe.py",
        arguments,
        [layer],
        [descriptor],
        "OCIDescriptor",
        "OCI Descriptor %s" % layer.short_path,
    )
    return descriptor

def _image_impl(ctx):
    _check(ctx)
    out = ctx.actions.declare_directory(ctx.label.name)
    arguments = ctx.actions.args()
    arguments.add("--output", out.path)
    inputs = []
    if ctx.attr.base:
        arguments.add("--base", ctx.file.base.path)
        inputs.append(ctx.file.base)
    for name in ["os", "architecture", "variant", "user", "workdir"]:
        value = getattr(ctx.attr, name)
        if value:
            arguments.add(value, format = "--%s=%%s" % name)
    for index, layer in enumerate(ctx.files.tars):
        descriptor = _describe(ctx, index, layer)
        arguments.add_all("--layer", [layer, descriptor])
        inputs.extend([layer, descriptor])
    for name in _FILES:
        file = getattr(ctx.file, name)
        if file:
            arguments.add(file, format = "--%s=%%s" % name)
            inputs.append(file)
    run_tool(ctx, "assemble.py", arguments, inputs, [out], "OCIImage", "OCI Image %s" % ctx.label)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

oci_image = rule(
    doc = "Makes an OCI layout from layers and a configuration.",
    implementation = _image_impl,
    attrs = dict(
        {name: attr.label(allow_single_file = True, doc = doc) for name, doc in _FILES.items()},
        architecture = attr.string(doc = "GOARCH of the programs in it"),
        base = attr.label(allow_single_file = True, doc = "an oci_image"),
        os = attr.string(doc = "GOOS of the programs in it"),
        resource_set = attr.string(default = "default", doc = "not implemented"),
        tars = attr.label_list(allow_files = _TARS, doc = "the layers, in this order; they are not compressed again"),
        user = attr.string(doc = "user, uid, user:group, uid:gid"),
        variant = attr.string(doc = "of the architecture, like v8"),
        workdir = attr.string(doc = "where the program starts"),
        **TOOL_ATTRS
    ),
)
