"""A test of a message that Starlark code gave."""

def _said_impl(ctx):
    holds = ctx.attr.says in ctx.attr.found if ctx.attr.says else not ctx.attr.found
    return [AnalysisTestResultInfo(
        success = holds,
        message = "expected: %s\nfound: %s" % (ctx.attr.says or "nothing", ctx.attr.found),
    )]

said_test = rule(
    doc = "Passes if `found` has `says`, or if both are empty.",
    implementation = _said_impl,
    analysis_test = True,
    attrs = {"found": attr.string(), "says": attr.string()},
)
