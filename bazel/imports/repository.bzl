"""The .proto files that ours import: protovalidate's, and protobuf's own."""

_BUILD = """\
package(default_visibility = ["//visibility:public"])

proto_library(
    name = "validate_proto",
    srcs = ["protovalidate/buf/validate/validate.proto"],
    strip_import_prefix = "protovalidate",
    deps = [":well_known_proto"],
)

proto_library(
    name = "well_known_proto",
    srcs = glob(["well_known/google/protobuf/*.proto"]),
    strip_import_prefix = "well_known",
)
"""

_WELL_KNOWN = ["any", "descriptor", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"]

def _proto_imports_impl(ctx):
    go = str(ctx.path(ctx.attr._goroot).dirname) + "/root/bin/go"
    at = "github.com/bufbuild/protovalidate@" + ctx.attr.protovalidate_version
    result = ctx.execute([go, "mod", "download", "-json", at], environment = {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"})
    if result.return_code:
        fail("%s: %s%s" % (at, result.stdout, result.stderr))
    module = json.decode(result.stdout)
    if module["Sum"] != ctx.attr.protovalidate_sum:
        fail("%s has the sum %s, not %s" % (at, module["Sum"], ctx.attr.protovalidate_sum))
    ctx.file(
        "protovalidate/buf/validate/validate.proto",
        ctx.read(module["Dir"] + "/proto/protovalidate/buf/validate/validate.proto"),
        executable = False,
    )
    include = ctx.path(ctx.attr._wheels).dirname.get_child("site").get_child("grpc_tools").get_child("_proto")
    for name in _WELL_KNOWN:
        path = "google/protobuf/%s.proto" % name
        ctx.file("well_known/" + path, ctx.read(str(include) + "/" + path), executable = False)
    ctx.file("BUILD.bazel", _BUILD)

proto_imports = repository_rule(
    doc = "protovalidate's proto as its Go module carries it, and the well-known ones of the grpcio-tools wheel.",
    implementation = _proto_imports_impl,
    attrs = {
        "protovalidate_sum": attr.string(mandatory = True, doc = "h1: sum of the module"),
        "protovalidate_version": attr.string(mandatory = True),
        "_goroot": attr.label(default = "@go_sdk//:goroot", allow_single_file = True),
        "_wheels": attr.label(default = "@wheels_dev//:BUILD.bazel", allow_single_file = True),
    },
)
