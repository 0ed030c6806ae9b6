package jsonsearch

import (
	"sync/atomic"

	"sq/stages/retrieve_go/search"
)

// field is a member of the documents that hits are converted to.
type field struct {
	*path
	name    string
	need    need
	matched atomic.Bool
}

// need says how many hits of an answer must have a field.
type need int

const (
	optional  need = iota // no hit needs it
	inOneHit              // if no hit has it, the path is wrong
	inEachHit             // every hit needs it
)

// read copies the field of each hit into its document. Errors: *search.MappingError.
func (f *field) read(hits []any, into []search.Hit) error {
	matched := 0
	for i, hit := range hits {
		values, err := f.values(hit)
		if err != nil {
			return err
		}
		if len(values) == 0 {
			if f.need == inEachHit {
				return f.mismatch("matches nothing in hit %d, which is %s", i+1, shape(hit))
			}
			continue
		}
		matched++
		into[i].Document[f.name] = values
	}
	if matched > 0 {
		f.matched.Store(true)
	} else if f.need == inOneHit && len(hits) > 0 {
		return f.mismatch("matches nothing in any of %d hits; the first is %s", len(hits), shape(hits[0]))
	}
	return nil
}
