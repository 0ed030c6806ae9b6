package record

import (
	"regexp"

	sqv1 "sq/proto/sq/v1"
)

var tagType = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

func (c *checker) tag(m *sqv1.Tag, at string) {
	c.require(tagType.MatchString(m.GetType()), at, "type", "must be upper case, like BRAND")
	c.text(m.GetValue(), at, "value")
	c.require(m.GetStart() <= m.GetEnd(), at, "end", "must not be before start")
}
