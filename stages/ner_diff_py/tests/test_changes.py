"""Lost, added and changed tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sq.v1.tag_difference_pb2 import TAG_CHANGE_KIND_ADDED, TAG_CHANGE_KIND_LOST, TagChangeKind
from sq.v1.tag_pb2 import Tag
from sq_ner_diff.changes import tag_changes


def tags(*texts):
    return [Tag(type=text.split("=")[0], value=text.split("=")[1]) for text in texts]


def shown(changes):
    """KIND before > after."""
    return [
        f"{TagChangeKind.Name(change.kind).removeprefix('TAG_CHANGE_KIND_')} "
        f"{change.before.type}={change.before.value}>{change.after.type}={change.after.value}"
        for change in changes
    ]


@pytest.mark.parametrize(
    ("intended", "found", "changes"),
    [
        ([], [], []),
        (["BRAND=acme"], ["BRAND=acme"], []),
        (["BRAND=acme", "COLOUR=rot"], ["COLOUR=rot", "BRAND=acme"], []),
        (["COLOUR=rot"], [], ["LOST COLOUR=rot>="]),
        ([], ["COLOUR=rot"], ["ADDED =>COLOUR=rot"]),
        (["COLOUR=rot"], ["COLOUR=blau"], ["CHANGED COLOUR=rot>COLOUR=blau"]),
        (["COLOUR=gold"], ["MATERIAL=gold"], ["LOST COLOUR=gold>=", "ADDED =>MATERIAL=gold"]),
        (["SIZE=m", "SIZE=l"], ["SIZE=l"], ["LOST SIZE=m>="]),
        (["SIZE=m", "SIZE=m"], ["SIZE=m"], ["LOST SIZE=m>="]),
        (["SIZE=m", "SIZE=l"], ["SIZE=s", "SIZE=l"], ["CHANGED SIZE=m>SIZE=s"]),
    ],
)
def test_changes(intended, found, changes):
    assert shown(tag_changes(tags(*intended), tags(*found))) == changes


LISTS = st.lists(st.sampled_from(["COLOUR=a", "COLOUR=b", "SIZE=a", "SIZE=b", "BRAND=a"]), max_size=6)


@given(LISTS, LISTS)
def test_intended_tags_without_lost_ones_and_with_added_ones_are_the_found_ones(intended, found):
    left = [f"{tag.type}={tag.value}" for tag in tags(*intended)]
    for change in tag_changes(tags(*intended), tags(*found)):
        if change.before.type:
            left.remove(f"{change.before.type}={change.before.value}")
        if change.after.type:
            left.append(f"{change.after.type}={change.after.value}")
    assert sorted(left) == sorted(found)


@given(LISTS, LISTS)
def test_a_type_is_never_both_lost_and_added(intended, found):
    kinds = {}
    for change in tag_changes(tags(*intended), tags(*found)):
        kinds.setdefault(change.before.type or change.after.type, set()).add(change.kind)
    assert not any({TAG_CHANGE_KIND_LOST, TAG_CHANGE_KIND_ADDED} <= seen for seen in kinds.values())
