package artefact

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	sqv1 "sq/proto/sq/v1"
)

// kinds counts records by the field that is set in their oneof `record`. It counts nothing if the message has no such oneof.
type kinds struct {
	oneof  protoreflect.OneofDescriptor
	counts map[protoreflect.Name]uint64
}

func newKinds(message protoreflect.MessageDescriptor) *kinds {
	return &kinds{oneof: message.Oneofs().ByName("record"), counts: map[protoreflect.Name]uint64{}}
}

func (k *kinds) add(record proto.Message) {
	if k.oneof == nil {
		return
	}
	if arm := record.ProtoReflect().WhichOneof(k.oneof); arm != nil {
		k.counts[arm.Name()]++
	}
}

func (k *kinds) sorted() []*sqv1.KindCount {
	var sorted []*sqv1.KindCount
	for _, name := range slices.Sorted(maps.Keys(k.counts)) {
		sorted = append(sorted, &sqv1.KindCount{Kind: string(name), Records: k.counts[name]})
	}
	return sorted
}
