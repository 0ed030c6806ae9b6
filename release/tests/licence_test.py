"""Which licence a package declares, and which file of a wheel is installed."""

import pytest

from release.bill import without_sum
from release.debian_licence import debian_licence
from release.sbom_parts import wheels
from release.wheel_licence import wheel_licence

FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"


@pytest.mark.parametrize(
    ("fields", "expression"),
    [
        ("License-Expression: mit AND (apache-2.0 or bsd-2-clause)", "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
        ("License-Expression: MIT\nLicense: GPL-3.0-only\nClassifier: License :: OSI Approved :: ISC License", "MIT"),
        ("License: BSD-3-Clause", "BSD-3-Clause"),
        ("License: Apache License, Version 2.0", "Apache-2.0"),
        ("License: MIT OR Apache-2.0\nClassifier: License :: OSI Approved :: MIT License", "MIT OR Apache-2.0"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        # Names of several licences, or of none that SPDX lists.
        ("Classifier: License :: OSI Approved :: BSD License", ""),
        ("Classifier: License :: OSI Approved :: Apache Software License\nLicense: Apache", ""),
        ("License: BSD-3-Clause and Public-Domain", ""),
        ("License: LicenseRef-ours AND Nonsense", ""),
        (
            "Classifier: License :: OSI Approved :: MIT License\n"
            "Classifier: License :: OSI Approved :: ISC License (ISCL)",
            "",
        ),
        ("License: Copyright (c) Somebody\n  Redistribution in source and binary forms", ""),
        ("Name: x", ""),
    ],
)
def test_licence_of_a_wheel(fields, expression):
    found = wheel_licence(f"Metadata-Version: 2.4\n{fields}\n\nLicense-Expression: of the description\n")
    assert found.expression == expression
    assert found.comment


@pytest.mark.parametrize(
    ("licences", "expression"),
    [
        (["Expat", "Expat"], "MIT"),
        (["GPL-2+", "LGPL-2.1"], "GPL-2.0-or-later AND LGPL-2.1-only"),
        (["Apache-2.0", "Expat or GPL-3"], "Apache-2.0 AND (MIT OR GPL-3.0-only)"),
        (["Expat and Zlib"], "MIT AND Zlib"),
        (["MIT"], "LicenseRef-Debian-p-MIT"),
        (["GPL-9"], "LicenseRef-Debian-p-GPL-9"),
        (["GPL-2+ with OpenSSL exception"], "LicenseRef-Debian-p-GPL-2-with-OpenSSL-exception"),
        (["A, and B or C"], "LicenseRef-Debian-p-A-and-B-or-C"),
    ],
)
def test_licences_of_a_debian_package(licences, expression):
    text = FORMAT + "".join(f"Files: {one}/*\nCopyright: x\nLicense: {one}\n\n" for one in licences)
    assert debian_licence("p", text).expression == expression


def test_text_of_a_licence_stands_apart_or_with_the_files():
    files = "Files: *\nCopyright: x\nLicense: A or B\n\nFiles: c\nCopyright: x\nLicense: C\n Text of C.\n\n"
    found = debian_licence("p", FORMAT + files + "License: A\n Text of A.\n")
    assert found.expression == "(LicenseRef-Debian-p-A OR LicenseRef-Debian-p-B) AND LicenseRef-Debian-p-C"
    assert dict(found.texts) == {
        "LicenseRef-Debian-p-A": "Text of A.",
        "LicenseRef-Debian-p-B": "usr/share/doc/p/copyright names 'B' without its text.",
        "LicenseRef-Debian-p-C": "Text of C.",
    }


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        (None, "the image has no copyright file of this package"),
        ("This is free software.\nLicense: GPL-2\n", "usr/share/doc/p/copyright is not machine-readable"),
        (FORMAT, "usr/share/doc/p/copyright names no licence"),
    ],
)
def test_a_copyright_file_that_says_nothing_certain(text, comment):
    found = debian_licence("p", text)
    assert (found.expression, found.comment) == ("", comment)


@pytest.mark.parametrize(
    ("sums", "metadata", "problem"),
    [
        ([], {"a-b": ""}, "a-b==1.0: the sums must name one file of it, and they name none"),
        (["a_b-2.0-py3-none-any.whl"], {"a-b": ""}, "they name none"),
        (["a_b-1.0-py3-none-any.whl", "a_b-1.0-cp311-cp311-linux_x86_64.whl"], {"a-b": ""}, "they name a_b-1.0-cp311"),
        (["a_b-1.0-py3-none-any.whl"], {}, "a-b==1.0: the lock pins it, and no layer of the image has it"),
    ],
)
def test_a_wheel_without_one_file_is_refused(tmp_path, sums, metadata, problem):
    lock, files = tmp_path / "lock", tmp_path / "sums"
    lock.write_text("a-b==1.0 \\\n    --hash=sha256:0\n")
    files.write_text("".join(f"{number:064}  {file}\n" for number, file in enumerate(sums)))
    with pytest.raises(ValueError, match=problem):
        wheels([lock], [files], metadata)


def test_wheels_without_a_sum_are_found():
    def part(purl, *algorithms):
        return {
            "name": purl,
            "externalRefs": [{"referenceLocator": purl}],
            "checksums": [{"algorithm": one, "checksumValue": "0"} for one in algorithms],
        }

    packages = [part("pkg:pypi/a@1", "SHA256"), part("pkg:pypi/b@1", "MD5"), part("pkg:pypi/c@1"), part("pkg:deb/d")]
    assert without_sum({"packages": [{"name": "no reference"}, *packages]}) == ["pkg:pypi/b@1", "pkg:pypi/c@1"]
