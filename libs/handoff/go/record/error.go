package record

// Error is a field of a record that violates its contract.
type Error struct {
	Field   string // its path, such as judgment.reasons[0].code
	Problem string
}

func (e *Error) Error() string { return e.Field + ": " + e.Problem }
