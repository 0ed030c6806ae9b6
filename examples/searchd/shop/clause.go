package shop

// Clause is a part of a search: it matches documents and gives each a score.
type Clause interface {
	scores(m *Market) (map[string]float64, error)
}

// All matches documents that match every one of Must and Filter. The scores of Must, and of those of Should that match, are
// added.
type All struct {
	Must, Filter, Should []Clause
}

func (a All) scores(m *Market) (map[string]float64, error) {
	var matching map[string]float64
	for i, clause := range append(append([]Clause{}, a.Must...), a.Filter...) {
		found, err := clause.scores(m)
		if err != nil {
			return nil, err
		}
		if i >= len(a.Must) {
			found = constant(found, 0)
		}
		matching = intersection(matching, found, i == 0)
	}
	for _, clause := range a.Should {
		found, err := clause.scores(m)
		if err != nil {
			return nil, err
		}
		for id, score := range found {
			if _, is := matching[id]; is {
				matching[id] += score
			}
		}
	}
	return matching, nil
}

func intersection(one, other map[string]float64, first bool) map[string]float64 {
	if first {
		return other
	}
	both := map[string]float64{}
	for id, score := range one {
		if more, is := other[id]; is {
			both[id] = score + more
		}
	}
	return both
}

// Constant gives every document that matches the same score.
type Constant struct {
	Clause Clause
	Score  float64
}

func (c Constant) scores(m *Market) (map[string]float64, error) {
	found, err := c.Clause.scores(m)
	return constant(found, c.Score), err
}

func constant(found map[string]float64, score float64) map[string]float64 {
	same := make(map[string]float64, len(found))
	for id := range found {
		same[id] = score
	}
	return same
}

// Lowered multiplies the scores of the documents of Positive that match Negative too.
type Lowered struct {
	Positive, Negative Clause
	Factor             float64
}

func (l Lowered) scores(m *Market) (map[string]float64, error) {
	found, err := l.Positive.scores(m)
	if err != nil {
		return nil, err
	}
	negative, err := l.Negative.scores(m)
	if err != nil {
		return nil, err
	}
	for id := range negative {
		if score, is := found[id]; is {
			found[id] = score * l.Factor
		}
	}
	return found, nil
}
