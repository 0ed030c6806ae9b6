"""The rule that WORKSPACE loads to give oci_push its crane."""

def _oci_crane_impl(ctx):
    ctx.file("BUILD.bazel", """\
alias(
    name = "crane",
    actual = "%s",
    visibility = ["//visibility:public"],
)
""" % ctx.attr.crane)

oci_crane = repository_rule(
    doc = "Makes `@name//:crane` the program that pushes. The original downloads one.",
    implementation = _oci_crane_impl,
    attrs = {"crane": attr.string(mandatory = True, doc = "label of a crane binary")},
)
