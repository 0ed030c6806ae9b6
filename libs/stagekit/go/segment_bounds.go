package stagekit

import "google.golang.org/protobuf/reflect/protoreflect"

// segmentBounds are the lowest and the highest segment id among the records, empty without any.
type segmentBounds struct{ first, last string }

func (b *segmentBounds) add(record protoreflect.Message) {
	if oneof := record.Descriptor().Oneofs().ByName("record"); oneof != nil {
		arm := record.WhichOneof(oneof)
		if arm == nil || arm.Message() == nil {
			return
		}
		record = record.Get(arm).Message()
	}
	field := record.Descriptor().Fields().ByName("segment_id")
	if field == nil {
		return
	}
	segment := record.Get(field).String()
	if segment == "" {
		return
	}
	if b.first == "" || segment < b.first {
		b.first = segment
	}
	b.last = max(b.last, segment)
}
