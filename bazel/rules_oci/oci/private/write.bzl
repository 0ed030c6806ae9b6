"""A file with the lines given."""

def _lines_file_impl(ctx):
    # Through a params file, as lines may hold anything.
    lines = ctx.actions.args()
    lines.set_param_file_format("multiline")
    lines.add_all(ctx.attr.lines)
    ctx.actions.write(ctx.outputs.out, lines)

lines_file = rule(
    doc = "Writes lines to out.",
    implementation = _lines_file_impl,
    attrs = {
        "lines": attr.string_list(),
        "out": attr.output(mandatory = True),
    },
)
