"""Images of stages. What they share lies in the layers of //bazel/image; a stage adds its program, and wheels only it needs."""

load("@rules_oci//oci:defs.bzl", "oci_image", "oci_load", "oci_push")
load(":layers.bzl", "files_layer", "python_layer", "wheels_layer")

USER = "65532:65532"

# Layers of wheels that several images share, each on top of those it is built without; the order is that of the images.
SHARED_WHEELS = ["common", "text", "source", "grpc", "openai", "numpy"]

# Debian's packages, by the layer they are in.
SYSTEM_PACKAGES = ["base-files", "ca-certificates", "tzdata"]

LIBRARY_PACKAGES = [
    "libbz2-1.0",
    "libc6",
    "libcrypt1",
    "libexpat1",
    "libffi8",
    "libgcc-s1",
    "liblzma5",
    "libsqlite3-0",
    "libssl3",
    "libstdc++6",
    "libuuid1",
    "media-types",
    "netbase",
    "zlib1g",
]

PYTHON_PACKAGES = ["libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-minimal"]

PYTHON_ENV = {
    "PATH": "/app/bin:/usr/local/bin:/usr/bin:/bin",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONPATH": "/app:/app/site",
    "PYTHONSAFEPATH": "1",
}

_PROGRAM = """\
#!/usr/bin/python3.11
import runpy

runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""

def _text_impl(ctx):
    ctx.actions.write(ctx.outputs.out, ctx.attr.content, is_executable = True)

_text = rule(
    implementation = _text_impl,
    attrs = {"content": attr.string(mandatory = True), "out": attr.output(mandatory = True)},
)

def _facts_impl(ctx):
    arguments = ctx.actions.args()
    arguments.add_all([ctx.file.contract, ctx.attr.version, ctx.outputs.entrypoint, ctx.outputs.labels])
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [arguments],
        inputs = [ctx.file.contract],
        outputs = [ctx.outputs.entrypoint, ctx.outputs.labels],
        mnemonic = "StageFacts",
    )

_facts = rule(
    doc = "Entry point and labels out of a stage's contract.",
    implementation = _facts_impl,
    attrs = {
        "contract": attr.label(mandatory = True, allow_single_file = [".textproto"]),
        "entrypoint": attr.output(mandatory = True),
        "labels": attr.output(mandatory = True),
        "version": attr.string(mandatory = True),
        "_tool": attr.label(default = "//bazel/image:contract", executable = True, cfg = "exec"),
    },
)

def _image(name, base, tars, entrypoint, labels, env, visibility):
    oci_image(
        name = name,
        base = base,
        entrypoint = entrypoint,
        env = env,
        labels = labels,
        tars = tars,
        user = USER,
        visibility = visibility,
    )
    oci_load(name = name + ".load", image = name, repo_tags = [name + ":latest"], visibility = visibility)
    oci_push(name = name + ".push", image = name, visibility = visibility)

def _stage_facts(name, contract, version):
    _facts(
        name = name + ".facts",
        contract = contract,
        entrypoint = name + ".entrypoint",
        labels = name + ".stage_labels",
        version = version,
    )

def _programs(name, programs):
    """A program a module, as files of the layer at bin/."""
    files = {}
    for program, module in programs.items():
        out = "%s_bin/%s" % (name, program)
        _text(name = "%s.%s.program" % (name, program), content = _PROGRAM.format(module = module), out = out)
        files[":" + out] = "bin/" + program
    return files

def sq_py_image(
        name,
        contract,
        programs,
        deps,
        wheels,
        version,
        package = None,
        own_wheels = False,
        visibility = ["//visibility:public"]):
    """The image of a Python stage; beside it `<name>.digest`, `<name>.load`, `<name>.push`.

    Args:
      name: of the image, as the contract has it.
      contract: the stage's stage.textproto: entry point and labels.
      programs: program in /app/bin to the module it runs, like {"sq-evaluate": "sq_evaluate"}.
      deps: the libraries of the stage.
      wheels: which of SHARED_WHEELS it needs.
      version: of the stage.
      package: the package the contract lies in; default: the module of the first program.
      own_wheels: whether //bazel/image/locks:<stage>.lock names more than they do.
      visibility: of the image.
    """
    stage = name[len("sq-"):]
    _stage_facts(name, contract, version)
    files = _programs(name, programs)
    files[contract] = "%s/stage.textproto" % (package or programs.values()[0])
    python_layer(name = name + ".program", deps = deps, files = files)
    tars = ["//bazel/image:wheels_" + wheel for wheel in SHARED_WHEELS if wheel in wheels]
    if own_wheels:
        wheels_layer(
            name = name + ".wheels",
            locks = ["//bazel/image/locks:%s.lock" % stage],
            without = ["//bazel/image/locks:%s.lock" % wheel for wheel in wheels],
        )
        tars.append(name + ".wheels")
    _image(
        name,
        base = "//bazel/image:python_base",
        entrypoint = name + ".entrypoint",
        env = PYTHON_ENV,
        labels = name + ".stage_labels",
        tars = tars + [name + ".program"],
        visibility = visibility,
    )

def sq_py_service_image(name, description, programs, deps, wheels, version, visibility = ["//visibility:public"]):
    """The image of a Python program that is no stage: it starts its first program; and what sq_py_image has beside.

    Args:
      name: of the image.
      description: for its label.
      programs: program in /app/bin to the module it runs.
      deps: the libraries of the programs.
      wheels: which of SHARED_WHEELS it needs.
      version: of the program.
      visibility: of the image.
    """
    python_layer(name = name + ".program", deps = deps, files = _programs(name, programs))
    _image(
        name,
        base = "//bazel/image:python_base",
        entrypoint = programs.keys()[:1],
        env = PYTHON_ENV,
        labels = {
            "org.opencontainers.image.base.name": "debian:12",
            "org.opencontainers.image.description": description,
            "org.opencontainers.image.title": name,
            "org.opencontainers.image.vendor": "sq",
            "org.opencontainers.image.version": version,
        },
        tars = ["//bazel/image:wheels_" + wheel for wheel in SHARED_WHEELS if wheel in wheels] + [name + ".program"],
        visibility = visibility,
    )

def sq_go_image(name, contract, binary, version, visibility = ["//visibility:public"]):
    """The image of a Go stage: its static binary on certificates, time zones and passwd; and what sq_py_image has beside.

    Args:
      name: of the image, as the contract has it.
      contract: the stage's stage.textproto: entry point and labels.
      binary: the sq_go_binary, which becomes /app/bin/<name>.
      version: of the stage.
      visibility: of the image.
    """
    _stage_facts(name, contract, version)
    files_layer(
        name = name + ".program",
        executables = ["app/bin/" + name],
        files = {binary: "app/bin/" + name},
    )
    _image(
        name,
        base = "//bazel/image:static_base",
        entrypoint = name + ".entrypoint",
        env = {"PATH": "/app/bin"},
        labels = name + ".stage_labels",
        tars = [name + ".program"],
        visibility = visibility,
    )
