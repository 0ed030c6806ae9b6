"""Files of given strings."""

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

def _joined_file_impl(ctx):
    # By printf, because a params file ends with a line break, which is a part of the last name.
    joined = ctx.actions.args()
    joined.add(",".join(ctx.attr.names))
    joined.add(ctx.outputs.out)
    ctx.actions.run_shell(
        command = "printf %s \"$1\" > \"$2\"",
        arguments = [joined],
        outputs = [ctx.outputs.out],
        mnemonic = "OCINames",
        progress_message = "OCI Names %s" % ctx.label,
    )

joined_file = rule(
    doc = "Writes names to out, separated by commas, without a line break.",
    implementation = _joined_file_impl,
    attrs = {
        "names": attr.string_list(),
        "out": attr.output(mandatory = True),
    },
)
