"""The licence that the METADATA of a wheel declares."""

from __future__ import annotations

import email

from release.licence import Licence, canonical

# Only classifiers that name one licence. "BSD License" or "Apache Software License" may be any of several (PEP 639).
_CLASSIFIERS = {
    "OSI Approved :: ISC License (ISCL)": "ISC",
    "OSI Approved :: MIT License": "MIT",
    "OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "OSI Approved :: The Unlicense (Unlicense)": "Unlicense",
}
_CLASSIFIER = "License :: "

# What the field License says in words, in lower case. Anything else that is no SPDX expression names no licence.
_WORDS = {
    "3-clause bsd license": "BSD-3-Clause",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license v2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "isc license": "ISC",
    "mit license": "MIT",
}


def wheel_licence(metadata: str) -> Licence:
    """License-Expression; else the field License, if it is an SPDX expression or known words; else the classifier.

    A classifier counts if it is the only one, and names one licence.
    """
    fields = email.message_from_string(metadata.partition("\n\n")[0])
    expression = canonical(fields["License-Expression"] or "")
    if expression:
        return Licence(expression, "License-Expression of its METADATA")
    text = " ".join((fields["License"] or "").split())
    expression = _WORDS.get(text.lower()) or canonical(text)
    if expression:
        return Licence(expression, f"its METADATA has License: {text}")
    classifiers = [
        one.removeprefix(_CLASSIFIER) for one in fields.get_all("Classifier", []) if one.startswith(_CLASSIFIER)
    ]
    said = [f"Classifier: {_CLASSIFIER}{one}" for one in classifiers]
    if len(classifiers) == 1 and classifiers[0] in _CLASSIFIERS:
        return Licence(_CLASSIFIERS[classifiers[0]], f"its METADATA has {said[0]}")
    said += [f"License: {text[:80]}"] if text else []
    return Licence("", f"its METADATA has {', '.join(said)}" if said else "its METADATA names no licence")
