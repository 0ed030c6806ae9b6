"""What WORKSPACE loads to give oci_push its crane."""

def _oci_crane_impl(ctx):
    ctx.file("BUILD.bazel", """\
alias(
    name = "crane",
    actual = "%s",
    visibility = ["//visibility:public"],
)
""" % ctx.attr.crane)

oci_crane = repository_rule(
    doc = "`@name//:crane` is the program that pushes. The original downloads one instead.",
    implementation = _oci_crane_impl,
    attrs = {"crane": attr.string(mandatory = True, doc = "label of a crane binary")},
)
