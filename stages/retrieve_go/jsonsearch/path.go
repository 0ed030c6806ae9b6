package jsonsearch

import (
	"fmt"

	"github.com/ohler55/ojg/jp"

	stagekit "sq/libs/stagekit/go"
	"sq/stages/retrieve_go/search"
)

// path is a JSONPath of the configuration. A nil path matches nothing.
type path struct {
	field string
	text  string
	expr  jp.Expr
}

// parsePath returns nil for an empty text. Errors: *stagekit.InputError.
func parsePath(text, field string) (*path, error) {
	if text == "" {
		return nil, nil
	}
	expr, err := jp.ParseString(text)
	if err != nil {
		return nil, &stagekit.InputError{Field: field, Problem: fmt.Sprintf("%s is not a valid JSONPath: %v", text, err), Fix: "use a path such as $.data.items"}
	}
	return &path{field, text, expr}, nil
}

// in returns all nodes of a tree that the path matches, in order.
func (p *path) in(tree any) []any {
	if p == nil {
		return nil
	}
	return p.expr.Get(tree)
}

func (p *path) mismatch(format string, values ...any) error {
	return &search.MappingError{Field: p.field, Path: p.text, Problem: fmt.Sprintf(format, values...)}
}

// values returns the matches in the types of mapping.Document. Errors: *search.MappingError if a match is an object.
func (p *path) values(tree any) ([]any, error) {
	var found []any
	for _, node := range p.in(tree) {
		value, fits := plain(node)
		if !fits {
			return nil, p.mismatch("matches %s, not a string or number", shape(node))
		}
		found = append(found, value)
	}
	return found, nil
}
