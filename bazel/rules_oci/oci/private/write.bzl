"""A file of given lines."""

def _lines_file_impl(ctx):
    # A params file, because lines may contain any character.
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
