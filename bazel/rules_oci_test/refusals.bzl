"""Tests of targets whose analysis must fail, and of the messages."""

load("@rules_oci//oci:defs.bzl", "oci_image_index_rule", "oci_image_rule", "oci_load_rule", "oci_push_rule")
load(":directory.bzl", "directory")

def _refusal_impl(ctx):
    # A list, because the attribute has a transition.
    target = ctx.attr.target[0]
    found = [failure.message for failure in target[AnalysisFailureInfo].causes.to_list()] if AnalysisFailureInfo in target else []
    return [AnalysisTestResultInfo(
        success = len([message for message in found if ctx.attr.says in message]) > 0,
        message = "expected a failure with: %s\nfound: %s" % (ctx.attr.says, found),
    )]

_refusal_test = rule(
    implementation = _refusal_impl,
    analysis_test = True,
    attrs = {
        "says": attr.string(mandatory = True),
        "target": attr.label(
            mandatory = True,
            cfg = analysis_test_transition(settings = {"//command_line_option:allow_analysis_failures": "True"}),
        ),
    },
)

# Attributes with a mistake, and a part of the message.
_CASES = {
    "base_and_platform": (oci_image_rule, dict(base = ":base", os = "linux"), "cannot be overridden"),
    "base_is_a_file": (oci_image_rule, dict(base = ":first"), "'base' must be an oci_image"),
    "directory_as_layer": (oci_image_rule, dict(base = ":base", tars = [":directory.tar"]), "'tars' must be archives, not the directory //"),
    "no_platform": (oci_image_rule, dict(os = "linux"), "'os' and 'architecture' are mandatory"),
    "other_extension": (oci_image_rule, dict(base = ":base", tars = [":names"]), "expected .tar"),
    "platforms": (oci_image_index_rule, dict(images = [":base"], platforms = [":base"]), "'platforms' is not implemented"),
    "port_is_no_tag": (oci_push_rule, dict(image = ":base", repository = "localhost:5000"), "should not contain digest or tag"),
    "repo_tags_not_txt": (oci_load_rule, dict(image = ":base", repo_tags = ":names.tags"), "expected .txt"),
    "repository_twice": (
        oci_push_rule,
        dict(image = ":base", repository = "a.example/b", repository_file = ":repository_file"),
        "must specify exactly one of",
    ),
    "repository_with_tag": (oci_push_rule, dict(image = ":base", repository = "a.example/b:1"), "should not contain digest or tag"),
    "resource_set": (oci_image_rule, dict(base = ":base", resource_set = "mem_512m"), "'resource_set' is not implemented"),
}

def refusals_test(name):
    """A test for each case, and a suite of them.

    Args:
      name: of the suite.
    """

    # A rule's directory, whose name says archive; and names in a file that is not .txt.
    directory(name = "directory.tar")
    native.genrule(name = "names", outs = ["names.tags"], cmd = "echo a:1 > $@")
    for case, (rule, attributes, says) in _CASES.items():
        target = "refused_" + case
        rule(name = target, tags = ["manual"], **attributes)
        _refusal_test(name = "%s_%s" % (name, case), says = says, target = ":" + target)
    native.test_suite(name = name, tests = ["%s_%s" % (name, case) for case in _CASES])
