// Package record checks the rules of records that their types cannot express. The rules are plain code, because a rule engine
// is too slow for every record. proto/cases/records.json is the table of cases that Go and Python both pass.
package record

import (
	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

// Check returns an *Error for the first invalid field of a record, in the order of the contract. It returns nil if the record
// is valid, or if its type has no rules.
func Check(message proto.Message) error {
	c := &checker{}
	switch m := message.(type) {
	case *sqv1.QuerySetRecord:
		c.querySetRecord(m)
	case *sqv1.RetrievalRecord:
		c.retrievalRecord(m)
	case *sqv1.JudgingRecord:
		c.judgingRecord(m)
	case *sqv1.TagDifference:
		c.tagDifference(m, "")
	case *sqv1.MarketReport:
		c.marketReport(m, "")
	case *sqv1.RunReport:
		each(m.GetMarkets(), "markets", c.marketReport)
	}
	if c.found == nil {
		return nil
	}
	return c.found
}
