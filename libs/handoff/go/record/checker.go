package record

import (
	"fmt"
	"math"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// checker keeps the first problem it finds. Its methods name a field by the path of its message, which ends in "." unless
// empty, and the field's name. The two are joined only if there is a problem, because most records have none.
type checker struct{ found *Error }

func (c *checker) require(holds bool, at, field, problem string) {
	if !holds && c.found == nil {
		c.found = &Error{Field: at + field, Problem: problem}
	}
}

func (c *checker) text(value, at, field string) {
	c.require(value != "", at, field, "must not be empty")
}

func (c *checker) share(value float64, at, field string) {
	c.require(value >= 0 && value <= 1, at, field, "must be from 0 to 1") // also rejects NaN
}

func (c *checker) finite(value float64, at, field string) {
	c.require(!math.IsNaN(value) && !math.IsInf(value, 0), at, field, "must be finite")
}

func (c *checker) hash(value, at, field string) {
	hexadecimal := len(value) == 64 && strings.Trim(value, "0123456789abcdef") == ""
	c.require(hexadecimal, at, field, "must be 64 hexadecimal digits")
}

func (c *checker) chosen(value protoreflect.Enum, at, field string) {
	c.require(value.Number() != 0, at, field, "must be set")
	c.known(value, at, field)
}

func (c *checker) known(value protoreflect.Enum, at, field string) {
	if value.Descriptor().Values().ByNumber(value.Number()) == nil {
		c.require(false, at, field, fmt.Sprintf("%d is not a value of this enum; another version of sq may have written it", value.Number()))
	}
}

// each checks the items of a repeated field.
func each[M any](items []M, field string, check func(item M, at string)) {
	for i, item := range items {
		check(item, fmt.Sprintf("%s[%d].", field, i))
	}
}
