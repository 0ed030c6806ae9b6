"""Python and Go code, and a descriptor set, out of proto_library, by the pinned protoc."""

load("//bazel:python.bzl", "STAGES")
load("//bazel/go:action.bzl", "GoSourcesInfo")

_PROTO = {
    "proto": attr.label(mandatory = True, providers = [ProtoInfo]),
    "_protoc": attr.label(default = "//bazel/python:protoc", executable = True, cfg = "exec"),
}

def _import_path(proto, source):
    """The path by which other protos import source."""
    root = proto.proto_source_root
    path = source.path
    return path[len(root) + 1:] if root != "." and path.startswith(root + "/") else path

def _protoc(ctx, outputs, arguments, mnemonic, tools = []):
    proto = ctx.attr.proto[ProtoInfo]
    descriptors = proto.transitive_descriptor_sets
    args = ctx.actions.args()
    args.add_joined("--descriptor_set_in", descriptors, join_with = ":")
    args.add_all(arguments)
    args.add_all([_import_path(proto, source) for source in proto.direct_sources])
    ctx.actions.run(
        executable = ctx.executable._protoc,
        arguments = [args],
        inputs = descriptors,
        tools = tools,
        outputs = outputs,
        mnemonic = mnemonic,
        progress_message = "Generating code of %s" % ctx.label,
    )

def _outputs(ctx, suffixes, services_suffixes):
    """The generated files of every source."""
    proto = ctx.attr.proto[ProtoInfo]
    outputs = []
    for source in proto.direct_sources:
        path = _import_path(proto, source)
        for suffix in suffixes + (services_suffixes if path in ctx.attr.services else []):
            outputs.append(ctx.actions.declare_file(path[:-len(".proto")] + suffix))
    return outputs

def _root(ctx):
    """The folder that this package's generated files lie in."""
    return "/".join([part for part in [ctx.bin_dir.path, ctx.label.workspace_root, ctx.label.package] if part])

def _python_sources_impl(ctx):
    root = _root(ctx)
    outputs = _outputs(ctx, ["_pb2.py", "_pb2.pyi"], ["_pb2_grpc.py"])
    arguments = ["--python_out=" + root, "--pyi_out=" + root]
    if ctx.attr.services:
        arguments.append("--grpc_python_out=" + root)
    _protoc(ctx, outputs, arguments, "ProtoPython")
    return [
        DefaultInfo(files = depset([file for file in outputs if file.extension == "py"])),
        OutputGroupInfo(stubs = depset([file for file in outputs if file.extension == "pyi"])),
    ]

_python_sources = rule(
    implementation = _python_sources_impl,
    attrs = dict(_PROTO, services = attr.string_list()),
)

def sq_py_proto_library(name, proto, services = [], deps = [], **kwargs):
    """Python modules of a proto_library, importable as the protos import each other: sq/v1/x.proto is sq.v1.x_pb2.

    Args:
      name: of the target.
      proto: the proto_library.
      services: the import paths of protos that have services, for which x_pb2_grpc is made too.
      deps: the Python libraries of the protos that these import.
      **kwargs: passed to py_library.
    """
    _python_sources(
        name = name + "_sources",
        proto = proto,
        services = services,
    )
    native.filegroup(
        name = name + "_stubs",
        srcs = [name + "_sources"],
        output_group = "stubs",
    )
    native.py_library(
        name = name,
        srcs = [name + "_sources"],
        data = [name + "_stubs"],
        imports = ["."],
        deps = deps + [STAGES],
        **kwargs
    )

def _go_proto_impl(ctx):
    outputs = _outputs(ctx, [".pb.go"], ["_grpc.pb.go"])
    arguments = [
        "--plugin=protoc-gen-go=" + ctx.executable._go.path,
        "--go_out=" + _root(ctx),
        "--go_opt=module=" + ctx.attr.module,
    ]
    if ctx.attr.services:
        arguments += [
            "--plugin=protoc-gen-go-grpc=" + ctx.executable._go_grpc.path,
            "--go-grpc_out=" + _root(ctx),
            "--go-grpc_opt=module=" + ctx.attr.module,
        ]
    _protoc(ctx, outputs, arguments, "ProtoGo", tools = [ctx.executable._go] + ([ctx.executable._go_grpc] if ctx.attr.services else []))
    return [
        DefaultInfo(files = depset(outputs), runfiles = ctx.runfiles(files = outputs)),
        GoSourcesInfo(sources = depset([struct(file = file, path = file.short_path) for file in outputs])),
    ]

sq_go_proto_library = rule(
    doc = "Go files of a proto_library, laid into the module at this package's folder.",
    implementation = _go_proto_impl,
    attrs = dict(
        _PROTO,
        module = attr.string(mandatory = True, doc = "import path of this package's folder, of which go_package is below"),
        services = attr.string_list(doc = "import paths of protos that have services"),
        # Not cfg = "exec": the third-party packages would be compiled a second time for it.
        _go = attr.label(default = "//bazel/go:protoc-gen-go", executable = True, cfg = "target"),
        _go_grpc = attr.label(default = "//bazel/go:protoc-gen-go-grpc", executable = True, cfg = "target"),
    ),
)

def _descriptor_set_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".binpb")
    _protoc(ctx, [out], ["--include_imports", "--include_source_info", "--descriptor_set_out=" + out.path], "ProtoDescriptors")
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out]))]

sq_proto_descriptor_set = rule(
    doc = "FileDescriptorSet of a proto_library with all its imports.",
    implementation = _descriptor_set_impl,
    attrs = _PROTO,
)
