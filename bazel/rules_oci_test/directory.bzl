"""A directory, as a rule makes it."""

def _directory_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(command = "touch \"$1/file\"", arguments = [out.path], outputs = [out])
    return [DefaultInfo(files = depset([out]))]

directory = rule(
    doc = "A directory with one file, named after the target.",
    implementation = _directory_impl,
)
