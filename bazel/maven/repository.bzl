"""A zip or a jar out of a Maven repository, through Maven."""

def _maven_zip_impl(ctx):
    mvn = ctx.which("mvn")
    if not mvn:
        fail("mvn is missing: apt-get install maven")
    name = "%s-%s.%s" % (ctx.attr.artifact, ctx.attr.version, ctx.attr.packaging)
    coordinates = ":".join([ctx.attr.group, ctx.attr.artifact, ctx.attr.version, ctx.attr.packaging])
    result = ctx.execute(
        [mvn, "-q", "-B", "dependency:copy", "-Dartifact=" + coordinates, "-DoutputDirectory=" + str(ctx.path("."))],
        timeout = 1800,
    )
    if result.return_code:
        fail("mvn dependency:copy %s:\n%s%s" % (coordinates, result.stdout, result.stderr))
    digest = ctx.execute(["sha256sum", name]).stdout.split(" ")[0]
    if digest != ctx.attr.sha256:
        fail("%s has the sha256 %s, not %s" % (coordinates, digest, ctx.attr.sha256))
    if ctx.attr.unpack:
        ctx.extract(name, output = "files", stripPrefix = ctx.attr.strip_prefix)
        ctx.delete(name)
    else:
        ctx.execute(["bash", "-c", "mkdir files && mv \"$0\" files", name])
    ctx.file("BUILD.bazel", 'exports_files(["files"])\n')

maven_zip = repository_rule(
    doc = "The files of a zip or jar artefact as one folder, `files`, checked against its sha256.",
    implementation = _maven_zip_impl,
    attrs = {
        "artifact": attr.string(mandatory = True),
        "group": attr.string(mandatory = True),
        "packaging": attr.string(default = "zip", values = ["jar", "zip"]),
        "sha256": attr.string(mandatory = True),
        "strip_prefix": attr.string(),
        "unpack": attr.bool(default = True, doc = "False: `files` holds the artefact as it is."),
        "version": attr.string(mandatory = True),
    },
)
