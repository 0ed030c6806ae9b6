package search

// ProbeError is a change that the request of this configuration cannot carry. The probe counts as not answered.
type ProbeError struct{ Problem string }

func (e *ProbeError) Error() string { return e.Problem }
