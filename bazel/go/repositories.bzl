"""The Go SDK and the modules of go.mod, both by the go command's own checks."""

def _run(ctx, arguments, environment = {}):
    result = ctx.execute(arguments, environment = environment, timeout = 1800)
    if result.return_code:
        fail("%s:\n%s%s" % (" ".join([str(a) for a in arguments]), result.stdout, result.stderr))
    return result.stdout

def _go_sdk_impl(ctx):
    go = ctx.which("go")
    if not go:
        fail("no go on PATH: any version from 1.19 on can fetch the SDK")
    version = "go" + ctx.attr.version
    local = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    if ctx.execute([go, "env", "GOVERSION"], environment = local).stdout.strip() == version:
        goroot = ctx.path(_run(ctx, [go, "env", "GOROOT"], local).strip())
    else:
        # The SDK is a module, checked against the sum below; modules carry no executable bits.
        module = json.decode(_run(ctx, [go, "mod", "download", "-json", "golang.org/toolchain@v0.0.1-%s.linux-amd64" % version], local))
        if module["Sum"] != ctx.attr.sum:
            fail("golang.org/toolchain has the sum %s, not %s" % (module["Sum"], ctx.attr.sum))
        _run(ctx, ["cp", "-r", module["Dir"], "sdk"])
        _run(ctx, ["chmod", "-R", "u+w", "sdk"])
        _run(ctx, ["chmod", "-R", "a+x", "sdk/bin", "sdk/pkg/tool"])
        goroot = ctx.path("sdk")

    # Actions take this small file as their input and the SDK beside it as given: it is what the version and the sum say.
    ctx.file("goroot", "%s\n%s\n" % (version, ctx.attr.sum), executable = False)
    ctx.symlink(goroot, "root")
    ctx.file("BUILD.bazel", 'exports_files(["goroot"])\n')

go_sdk = repository_rule(
    doc = "The Go SDK of exactly this version: the machine's own if it is that, else the module golang.org/toolchain.",
    implementation = _go_sdk_impl,
    attrs = {
        "sum": attr.string(mandatory = True, doc = "h1: sum of the module"),
        "version": attr.string(mandatory = True),
    },
)

def _go_modules_impl(ctx):
    go_mod = ctx.path(ctx.attr.go_mod)
    go_sum = ctx.path(ctx.attr.go_sum)
    go = str(ctx.path(ctx.attr._goroot).dirname) + "/root/bin/go"
    environment = {"GOFLAGS": "-mod=readonly -modcacherw", "GOTOOLCHAIN": "local", "GOWORK": "off"}

    # What the user's module cache already holds is not fetched again; go.sum is checked all the same.
    cache = _run(ctx, [go, "env", "GOMODCACHE"], environment).strip()
    proxy = _run(ctx, [go, "env", "GOPROXY"], environment).strip()
    ctx.file("module/go.mod", ctx.read(go_mod))
    ctx.file("module/go.sum", ctx.read(go_sum))
    environment["GOMODCACHE"] = str(ctx.path("cache"))
    environment["GOPROXY"] = "file://%s/cache/download,%s" % (cache, proxy)
    environment["GONOSUMDB"] = "*"
    result = ctx.execute([go, "mod", "download"], environment = environment, working_directory = "module", timeout = 1800)
    if result.return_code:
        fail("go mod download: " + result.stderr)
    _run(ctx, ["rm", "-rf", "cache/cache/download/sumdb"])
    ctx.file("modules", ctx.read(go_sum), executable = False)
    ctx.file("BUILD.bazel", 'exports_files(["modules"])\n')

go_modules = repository_rule(
    doc = "Every module of go.mod, by go.sum, in a module cache beside the file `modules`.",
    implementation = _go_modules_impl,
    attrs = {
        "go_mod": attr.label(mandatory = True, allow_single_file = True),
        "go_sum": attr.label(mandatory = True, allow_single_file = True),
        "_goroot": attr.label(default = "@go_sdk//:goroot", allow_single_file = True),
    },
)
