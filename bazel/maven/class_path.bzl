"""A Java class path out of a Maven repository, through Maven."""

def _maven_class_path_impl(ctx):
    mvn = ctx.which("mvn")
    if not mvn:
        fail("mvn is missing: apt-get install maven")
    ctx.symlink(ctx.attr.pom, "pom.xml")
    arguments = ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=" + str(ctx.path("jars")), "-DincludeScope=runtime"]
    result = ctx.execute([mvn] + arguments, timeout = 1800)
    if result.return_code:
        fail("mvn dependency:copy-dependencies:\n%s%s" % (result.stdout, result.stderr))

    # A digest of all: names in their order, each with its own digest.
    listed = ctx.execute(["bash", "-c", "cd jars && LC_ALL=C sha256sum -- *.jar | sha256sum"])
    digest = listed.stdout.split(" ")[0]
    if digest != ctx.attr.sha256:
        fail("the class path of %s has the digest %s, not %s" % (ctx.attr.pom, digest, ctx.attr.sha256))
    ctx.file("BUILD.bazel", 'exports_files(["jars"])\n')

maven_class_path = repository_rule(
    doc = "The jars a pom.xml needs at run time as one folder, `jars`, checked against `LC_ALL=C sha256sum *.jar | sha256sum`.",
    implementation = _maven_class_path_impl,
    attrs = {
        "pom": attr.label(mandatory = True, allow_single_file = True),
        "sha256": attr.string(mandatory = True),
    },
)
