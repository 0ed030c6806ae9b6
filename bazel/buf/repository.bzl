"""A binary out of an npm package, through npm."""

def _npm_binary_impl(ctx):
    spec = "%s@%s" % (ctx.attr.package, ctx.attr.version)
    result = ctx.execute(["npm", "pack", "--json", "--silent", spec], timeout = 600)
    if result.return_code:
        fail("npm pack %s: %s%s" % (spec, result.stdout, result.stderr))
    packed = json.decode(result.stdout)[0]

    # npm's word is not enough: openssl reads the file itself.
    digest = ctx.execute(["bash", "-c", "openssl dgst -sha512 -binary \"$1\" | openssl base64 -A", "-", packed["filename"]]).stdout
    if "sha512-" + digest != ctx.attr.integrity:
        fail("%s has the digest sha512-%s, not %s" % (spec, digest, ctx.attr.integrity))
    ctx.extract(packed["filename"], stripPrefix = "package")
    ctx.delete(packed["filename"])
    ctx.file("BUILD.bazel", 'exports_files(["%s"])\n' % ctx.attr.binary)

npm_binary = repository_rule(
    doc = "One executable of an npm package, checked against its integrity.",
    implementation = _npm_binary_impl,
    attrs = {
        "binary": attr.string(mandatory = True),
        "integrity": attr.string(mandatory = True),
        "package": attr.string(mandatory = True),
        "version": attr.string(mandatory = True),
    },
)
