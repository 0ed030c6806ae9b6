"""What is released: the table of images that push and verify read."""

def _table_impl(ctx):
    rows = []
    files = []
    runfiles = ctx.runfiles()
    for image, push, sbom in zip(ctx.attr.images, ctx.attr.pushes, ctx.attr.sboms):
        rows.append({
            "layout": image.files.to_list()[0].short_path,
            "push": push.files_to_run.executable.short_path,
            "sbom": sbom.files.to_list()[0].short_path,
        })
        files.extend(image.files.to_list() + sbom.files.to_list())
        runfiles = runfiles.merge(push.default_runfiles).merge(ctx.runfiles([push.files_to_run.executable]))
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(out, json.encode(rows))
    return [DefaultInfo(files = depset([out]), runfiles = runfiles.merge(ctx.runfiles(files + [out])))]

_table = rule(
    implementation = _table_impl,
    attrs = {
        "images": attr.label_list(allow_files = True),
        "pushes": attr.label_list(),
        "sboms": attr.label_list(allow_files = True),
    },
)

def release_table(name, images, **kwargs):
    """`<name>.json`: where each image lies, what pushes it and its bill of materials; and all of these as runfiles.

    Args:
      name: of the target.
      images: oci_image to its sbom; the oci_push of an image is called like it, with .push behind.
      **kwargs: what every rule has.
    """
    _table(
        name = name,
        images = images.keys(),
        pushes = [image + ".push" for image in images],
        sboms = images.values(),
        **kwargs
    )
