"""Python targets: the native rules, with the wheels and the import path of this repository."""

STAGES = "@wheels_stages//:pkgs"
DEV = "@wheels_dev//:pkgs"

def _with_wheels(deps, wheels):
    return deps + ([wheels] if wheels else [])

def sq_py_library(name, deps = [], imports = ["."], wheels = STAGES, **kwargs):
    """A py_library whose packages are imported by their folder's name.

    Args:
      name: of the target.
      deps: first-party libraries.
      imports: folders put on the import path, relative to this package.
      wheels: the tree of wheels it needs, or None.
      **kwargs: passed to py_library.
    """
    native.py_library(
        name = name,
        imports = imports,
        deps = _with_wheels(deps, wheels),
        **kwargs
    )

def sq_py_binary(name, deps = [], imports = ["."], wheels = STAGES, **kwargs):
    """A py_binary on the repository's interpreter.

    Args:
      name: of the target.
      deps: first-party libraries.
      imports: folders put on the import path, relative to this package.
      wheels: the tree of wheels it needs, or None.
      **kwargs: passed to py_binary.
    """
    native.py_binary(
        name = name,
        imports = imports,
        legacy_create_init = False,
        python_version = "PY3",
        deps = _with_wheels(deps, wheels),
        **kwargs
    )

def sq_py_test(name, srcs, deps = [], args = [], imports = ["."], wheels = STAGES, **kwargs):
    """Runs pytest on srcs.

    Args:
      name: of the target.
      srcs: the test files, and conftest.py and shared modules beside them.
      deps: first-party libraries.
      args: more arguments for pytest.
      imports: folders put on the import path, relative to this package.
      wheels: the tree of wheels the code under test needs, or None; pytest and hypothesis come on top.
      **kwargs: passed to py_test.
    """
    tests = [src for src in srcs if src.split("/")[-1].startswith("test_") or src.endswith("_test.py")]
    if not tests:
        fail("%s: srcs has no file named *_test.py or test_*.py" % name)
    native.py_test(
        name = name,
        srcs = srcs + ["//bazel/python:pytest_main.py"],
        args = ["$(rootpath %s)" % src for src in tests] + ["--"] + args,
        imports = imports,
        legacy_create_init = False,
        main = "//bazel/python:pytest_main.py",
        python_version = "PY3",
        deps = _with_wheels(deps, wheels) + [DEV],
        **kwargs
    )
