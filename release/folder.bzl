"""All images in one folder, under their names."""

def _image_folder_impl(ctx):
    outs = []
    for target, name in ctx.attr.images.items():
        (image,) = target.files.to_list()

        # An image of this package with this name is already in the folder.
        if image.short_path == "%s/%s" % (ctx.label.package, name):
            outs.append(image)
            continue
        out = ctx.actions.declare_file(name)
        ctx.actions.symlink(output = out, target_file = image, progress_message = "Image %s" % name)
        outs.append(out)
    return [DefaultInfo(files = depset(outs), runfiles = ctx.runfiles(outs))]

image_folder = rule(
    doc = "Links each image into this package's output folder, where `sq run --runtime container` finds it.",
    implementation = _image_folder_impl,
    attrs = {"images": attr.label_keyed_string_dict(allow_files = True, doc = "target of an image to its name")},
)
