"""Images, each declared beside its program: one call of a macro in the program's own BUILD file.

What images share lies in the layers of //bazel/image. An image adds its program, and the wheels that only it needs.

Beside the image NAME, each macro declares:
    NAME.load          `bazel run` loads it into the container engine of this machine
    NAME.push          `bazel run` pushes it to a registry
    NAME.digest        file with its digest
    NAME.parts         what it is made of: ImagePartsInfo
    NAME.layers        its own layers, which are not shared
    NAME.requirements  file that pins its wheels; Python only
    NAME.contracts     the contracts of its stages, and
    NAME.programs      their programs; stages only
"""

load("@rules_oci//oci:defs.bzl", "oci_image", "oci_image_index", "oci_load", "oci_push")
load(":contents.bzl", "LIBRARY_PACKAGES", "MORE_WHEELS", "PYTHON_ENV", "PYTHON_PACKAGES", "SHARED_WHEELS", "STAGES_SUMS", "SYSTEM_PACKAGES", "USER")
load(":facts.bzl", "stage_facts")
load(":layers.bzl", "files_layer", "python_layer", "wheels_layer")
load(":parts.bzl", "image_parts", "requirements")

_PUBLIC = ["//visibility:public"]

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

def _image(name, base, layers, own_layers, entrypoint, labels, env, repo_tags):
    native.filegroup(name = name + ".layers", srcs = own_layers, visibility = _PUBLIC)
    oci_image(
        name = name,
        base = base,
        entrypoint = entrypoint,
        env = env,
        labels = labels,
        tars = layers + own_layers,
        user = USER,
        visibility = _PUBLIC,
    )
    oci_load(name = name + ".load", image = name, repo_tags = repo_tags, visibility = _PUBLIC)
    oci_push(name = name + ".push", image = name, visibility = _PUBLIC)

def _stage(name, contracts, programs, version):
    """The targets that a stage's image has from its contracts and its programs (targets)."""
    stage_facts(
        name = name + ".facts",
        contracts = contracts,
        entrypoint = name + ".entrypoint",
        labels = name + ".stage_labels",
        programs = [program.split(":")[-1] for program in programs],
        repo_tags = name + ".tags.txt",
        version = version,
    )
    native.filegroup(name = name + ".contracts", srcs = contracts, visibility = _PUBLIC)

    # Also as data: a filegroup passes on its sources, and the runfiles of its data.
    native.filegroup(name = name + ".programs", srcs = programs, data = programs, visibility = _PUBLIC)

def _programs(name, programs):
    """The files of the layer for programs at bin/, each of which runs a module."""
    files = {}
    for program, module in programs.items():
        out = "%s_bin/%s" % (name, program)
        _text(name = "%s.%s.program" % (name, program), content = _PROGRAM.format(module = module), out = out)
        files[":" + out] = "bin/" + program
    return files

def _lock(wheels):
    return "//bazel/image/locks:%s.lock" % wheels

def _python_image(name, files, deps, wheels, lock, limit_mib, more = [], env = {}, **facts):
    """Layers and parts of a Python image. facts: its entrypoint, labels and repo_tags."""
    unknown = [one for one in wheels if one not in SHARED_WHEELS]
    if unknown:
        fail("//%s:%s: wheels: unknown layer %s; choose from %s" % (native.package_name(), name, unknown[0], ", ".join(SHARED_WHEELS)))
    shared = [one for one in SHARED_WHEELS if one in wheels]
    own_layers = []
    if lock:
        wheels_layer(name = name + ".wheels", locks = [lock], without = [_lock(one) for one in wheels])
        own_layers.append(name + ".wheels")
    debian = SYSTEM_PACKAGES + LIBRARY_PACKAGES + PYTHON_PACKAGES
    for one in more:
        wheels_layer(
            name = "%s.%s_wheels" % (name, one),
            locks = [MORE_WHEELS[one].lock],
            site = MORE_WHEELS[one].site,
            without = [_lock(other) for other in wheels] + ([lock] if lock else []),
        )
        own_layers.append("%s.%s_wheels" % (name, one))
        debian = debian + MORE_WHEELS[one].debian
        if MORE_WHEELS[one].layer:
            own_layers.append(MORE_WHEELS[one].layer)
    python_layer(name = name + ".program", deps = deps, files = files)
    pins = name + ".requirements.txt"
    requirements(
        name = name + ".requirements",
        locks = [_lock(one) for one in shared] + ([lock] if lock else []) + [MORE_WHEELS[one].lock for one in more],
        out = pins,
        visibility = _PUBLIC,
    )
    image_parts(
        name = name + ".parts",
        debian = debian,
        limit_mib = limit_mib,
        requirements = [pins],
        visibility = _PUBLIC,
        wheel_sums = [STAGES_SUMS] + [MORE_WHEELS[one].sums for one in more],
    )
    _image(
        name,
        base = "//bazel/image:python_base",
        env = dict(PYTHON_ENV, **env),
        layers = ["//bazel/image:wheels_" + one for one in shared],
        own_layers = own_layers + [name + ".program"],
        **facts
    )

def sq_py_image(name, contracts, programs, deps, wheels, version, lock = None, limit_mib = 0):
    """The image of a Python stage. Its name, entry point and labels come from the first contract.

    Args:
      name: of the target: `image`.
      contracts: those of the stages in it. The first is the image's, and lies in the package of the first program.
      programs: target of each program, and name in /app/bin, to the module it runs, like {"sq-evaluate": "sq_evaluate"}.
      deps: the libraries of the programs.
      wheels: which of SHARED_WHEELS it needs.
      version: of the image. Raise it when what the image does changes.
      lock: lock of //bazel/image/locks that pins all its wheels, if it needs more than the shared ones.
      limit_mib: most MiB that its layers may have, compressed; 0 for no limit.
    """
    _stage(name, contracts, [":" + program for program in programs], version)
    files = _programs(name, programs)
    files[contracts[0]] = "%s/stage.textproto" % programs.values()[0]
    _python_image(
        name,
        deps = deps,
        entrypoint = name + ".entrypoint",
        files = files,
        labels = name + ".stage_labels",
        limit_mib = limit_mib,
        lock = lock,
        repo_tags = name + ".tags.txt",
        wheels = wheels,
    )

def sq_py_service_image(
        name,
        image,
        description,
        programs,
        deps,
        wheels,
        version,
        lock = None,
        limit_mib = 0,
        more = [],
        files = {},
        env = {}):
    """The image of a Python program that is not a stage of the pipeline. It starts its first program.

    Args:
      name: of the target: `image`.
      image: name of the image, like sq-ner.
      description: for its label.
      programs: program in /app/bin to the module it runs.
      deps: the libraries of the programs.
      wheels: which of SHARED_WHEELS it needs.
      version: of the image. Raise it when what the image does changes.
      lock: lock of //bazel/image/locks that pins all its wheels, if it needs more than the shared ones.
      limit_mib: most MiB that its layers may have, compressed; 0 for no limit.
      more: which of MORE_WHEELS it needs.
      files: further files, by their path below /app.
      env: further environment variables.
    """
    _python_image(
        name,
        deps = deps,
        entrypoint = programs.keys()[:1],
        env = env,
        files = dict(_programs(name, programs), **files),
        labels = {
            "org.opencontainers.image.base.name": "debian:12",
            "org.opencontainers.image.description": description,
            "org.opencontainers.image.title": image,
            "org.opencontainers.image.vendor": "sq",
            "org.opencontainers.image.version": version,
        },
        limit_mib = limit_mib,
        lock = lock,
        more = more,
        repo_tags = [image + ":latest"],
        wheels = wheels,
    )

def sq_go_image(name, contracts, binary, version, limit_mib = 0, arm64 = None):
    """The image of a Go stage: its static binary on certificates, time zones and passwd.

    Args:
      name: of the target: `image`.
      contracts: those of the stages in it. Its name, entry point and labels come from the first.
      binary: the sq_go_binary, which becomes /app/bin/<its name>.
      version: of the image. Raise it when what the image does changes.
      limit_mib: most MiB that its layers may have, compressed; 0 for no limit.
      arm64: the same program for arm64. Then there are also NAME.arm64, its image, and NAME.index, an index of both, with
        NAME.index.push.
    """
    _stage(name, contracts, [binary], version)
    program = "app/bin/" + binary.split(":")[-1]
    image_parts(
        name = name + ".parts",
        debian = SYSTEM_PACKAGES,
        go = [binary],
        limit_mib = limit_mib,
        visibility = _PUBLIC,
    )
    platforms = {name: binary}
    if arm64:
        platforms[name + ".arm64"] = arm64
        oci_image_index(name = name + ".index", images = platforms.keys(), visibility = _PUBLIC)
        oci_push(name = name + ".index.push", image = name + ".index", visibility = _PUBLIC)
    for image, file in platforms.items():
        files_layer(name = image + ".program", executables = [program], files = {file: program})
        _image(
            image,
            base = "//bazel/image:static_base" + image[len(name):],
            entrypoint = name + ".entrypoint",
            env = {"PATH": "/app/bin"},
            labels = name + ".stage_labels",
            layers = [],
            own_layers = [image + ".program"],
            repo_tags = name + ".tags.txt",
        )
