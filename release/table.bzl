"""The table of images, which the programs of this folder read."""

load("//bazel/image:parts.bzl", "ImagePartsInfo")

def _table_impl(ctx):
    rows = []
    files = []
    runfiles = ctx.runfiles()
    for image, push, sbom, parts in zip(ctx.attr.images, ctx.attr.pushes, ctx.attr.sboms, ctx.attr.parts):
        pins = parts[ImagePartsInfo].requirements.to_list()
        rows.append({
            "label": "//%s:%s" % (image.label.package, image.label.name),
            "layout": image.files.to_list()[0].short_path,
            "limitMib": parts[ImagePartsInfo].limit_mib,
            "push": push.files_to_run.executable.short_path,
            "requirements": [file.short_path for file in pins],
            "sbom": sbom.files.to_list()[0].short_path,
        })
        files.extend(image.files.to_list() + sbom.files.to_list() + pins)
        runfiles = runfiles.merge(push.default_runfiles).merge(ctx.runfiles([push.files_to_run.executable]))
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(out, json.encode(rows))
    return [DefaultInfo(files = depset([out]), runfiles = runfiles.merge(ctx.runfiles(files + [out])))]

_table = rule(
    implementation = _table_impl,
    attrs = {
        "images": attr.label_list(allow_files = True),
        "parts": attr.label_list(providers = [ImagePartsInfo]),
        "pushes": attr.label_list(),
        "sboms": attr.label_list(allow_files = True),
    },
)

def release_table(name, images, **kwargs):
    """`<name>.json`: for each image its layout, its push program and its bill of materials, which are also runfiles.

    Args:
      name: of the target.
      images: label of an image to the label of its sbom. Its .push and .parts are beside the image.
      **kwargs: attributes of every rule.
    """
    _table(
        name = name,
        images = images.keys(),
        parts = [image + ".parts" for image in images],
        pushes = [image + ".push" for image in images],
        sboms = images.values(),
        **kwargs
    )
