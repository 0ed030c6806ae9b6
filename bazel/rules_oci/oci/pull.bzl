"""What WORKSPACE loads to have an image of elsewhere as a base."""

_BUILD = """\
load("@rules_oci//oci/private:pull.bzl", "layout")

package(default_visibility = ["//visibility:public"])

layout(
    name = "{name}",
    blobs = glob(["layout/blobs/sha256/*"]),
    index = "layout/index.json",
)
"""

# What the original reads from a registry.
_NOT_IMPLEMENTED = ["repository", "registry", "tag", "reproducible", "is_bzlmod", "config", "platforms"]

def _oci_pull_impl(ctx):
    for name in _NOT_IMPLEMENTED:
        if getattr(ctx.attr, name):
            fail("'%s' is not implemented: this oci_pull reads a layout on disk alone, image = \"file:///…\"" % name)
    if not ctx.attr.image.startswith("file://"):
        fail("'image' must be file:// and the folder of an OCI layout, not %s" % ctx.attr.image)
    if not ctx.attr.digest:
        fail("'digest' is mandatory: the base would else change unnoticed")
    folder = ctx.path(ctx.attr.image[len("file://"):].replace("%workspace%", str(ctx.path(Label("@//:WORKSPACE")).dirname)))
    index = json.decode(ctx.read(folder.get_child("index.json")))
    found = [manifest["digest"] for manifest in index["manifests"]]
    if found != [ctx.attr.digest]:
        fail("%s holds %s, not %s" % (ctx.attr.image, ", ".join(found), ctx.attr.digest))
    ctx.symlink(folder, "layout")
    ctx.file("BUILD.bazel", _BUILD.format(name = ctx.name))

oci_pull = repository_rule(
    doc = "`@name` is the image of the layout at `image`, file:// and an absolute folder or one below %workspace%, if it has that digest.",
    implementation = _oci_pull_impl,
    local = True,
    attrs = dict(
        {name: attr.string(doc = "not implemented") for name in _NOT_IMPLEMENTED if name != "platforms"},
        digest = attr.string(),
        image = attr.string(mandatory = True),
        platforms = attr.string_list(doc = "not implemented"),
    ),
)
