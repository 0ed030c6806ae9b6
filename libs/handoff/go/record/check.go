// Package record holds what records promise beyond their types. It is plain code, because a rule engine is too slow for
// every record; proto/cases/records.json holds the other languages to the same rules.
package record

import (
	"fmt"
	"math"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"

	sqv1 "sq/proto/sq/v1"
)

const maxGrade = 4

var tagType = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// Error is a field of a record that breaks its contract.
type Error struct {
	Field   string // its path, such as judgment.reasons[0].code
	Problem string
}

func (e *Error) Error() string { return e.Field + ": " + e.Problem }

// Check returns an *Error for the first field of an artefact's record, in the order of the contract, that breaks it.
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

// checker keeps the first problem. Fields are named by the path of their message, which ends in "." unless empty, and
// their name, joined only when something is wrong.
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
	c.require(value >= 0 && value <= 1, at, field, "must be from 0 to 1") // false of NaN
}

func (c *checker) finite(value float64, at, field string) {
	c.require(!math.IsNaN(value) && !math.IsInf(value, 0), at, field, "must be finite")
}

func (c *checker) hash(value, at, field string) {
	hexadecimal := len(value) == 64 && strings.Trim(value, "0123456789abcdef") == ""
	c.require(hexadecimal, at, field, "must be 64 hexadecimal digits")
}

func (c *checker) chosen(value int32, at, field string) {
	c.require(value != 0, at, field, "must be set")
}

// each checks the items of a repeated field.
func each[M any](items []M, field string, check func(item M, at string)) {
	for i, item := range items {
		check(item, fmt.Sprintf("%s[%d].", field, i))
	}
}

func (c *checker) querySetRecord(m *sqv1.QuerySetRecord) {
	switch r := m.GetRecord().(type) {
	case *sqv1.QuerySetRecord_Summary:
		c.summary(r.Summary, "summary.")
	case *sqv1.QuerySetRecord_Product:
		c.product(r.Product, "product.")
	case *sqv1.QuerySetRecord_Segment:
		c.segment(r.Segment, "segment.")
	case *sqv1.QuerySetRecord_Failure:
		c.queryFailure(r.Failure, "failure.")
	default:
		c.require(false, "", "record", "must be set")
	}
}

func (c *checker) retrievalRecord(m *sqv1.RetrievalRecord) {
	switch r := m.GetRecord().(type) {
	case *sqv1.RetrievalRecord_Product:
		c.product(r.Product, "product.")
	case *sqv1.RetrievalRecord_Result:
		c.result(r.Result, "result.")
	case *sqv1.RetrievalRecord_Failure:
		c.retrievalFailure(r.Failure, "failure.")
	default:
		c.require(false, "", "record", "must be set")
	}
}

func (c *checker) judgingRecord(m *sqv1.JudgingRecord) {
	switch r := m.GetRecord().(type) {
	case *sqv1.JudgingRecord_Judgment:
		c.judgment(r.Judgment, "judgment.")
	case *sqv1.JudgingRecord_Failure:
		c.judgeFailure(r.Failure, "failure.")
	case *sqv1.JudgingRecord_Summary:
		// Any depths are right.
	default:
		c.require(false, "", "record", "must be set")
	}
}

func (c *checker) tag(m *sqv1.Tag, at string) {
	c.require(tagType.MatchString(m.GetType()), at, "type", "must be upper case, like BRAND")
	c.text(m.GetValue(), at, "value")
	c.require(m.GetStart() <= m.GetEnd(), at, "end", "must not be before start")
}

func (c *checker) product(m *sqv1.Product, at string) {
	c.text(m.GetProductId(), at, "product_id")
	c.hash(m.GetContentHash(), at, "content_hash")
	for i, attribute := range m.GetAttributes() {
		if attribute.GetName() == "" {
			c.text("", at, fmt.Sprintf("attributes[%d].name", i))
		}
	}
	price := m.GetPrice()
	c.require(price >= 0 && !math.IsInf(price, 0), at, "price", "must be finite and at least 0")
}

func (c *checker) ref(m *sqv1.ProductRef, at string) {
	c.text(m.GetProductId(), at, "product_id")
	c.hash(m.GetContentHash(), at, "content_hash")
}

func (c *checker) summary(m *sqv1.QueryLogSummary, at string) {
	c.require(m.GetRows() == m.GetSearches()+m.GetJunkRows(), at, "rows", "must equal searches + junk_rows")
	c.share(m.GetTrafficCovered(), at, "traffic_covered")
	each(m.GetBands(), at+"bands", func(band *sqv1.BandCoverage, at string) {
		c.chosen(int32(band.GetBand()), at, "band")
		c.share(band.GetCovered(), at, "covered")
	})
}

func (c *checker) segment(m *sqv1.Segment, at string) {
	c.text(m.GetSegmentId(), at, "segment_id")
	c.share(m.GetTrafficShare(), at, "traffic_share")
	each(m.GetQueries(), at+"queries", c.query)
}

func (c *checker) query(m *sqv1.Query, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetSegmentId(), at, "segment_id")
	c.text(m.GetSourceText(), at, "source_text")
	c.text(m.GetText(), at, "text")
	each(m.GetSourceTags(), at+"source_tags", c.tag)
	each(m.GetTags(), at+"tags", c.tag)
	c.share(m.GetTrafficShare(), at, "traffic_share")
	c.chosen(int32(m.GetBand()), at, "band")
	each(m.GetKnownMatches(), at+"known_matches", c.ref)
	each(m.GetIntendedTags(), at+"intended_tags", c.tag)
}

func (c *checker) queryFailure(m *sqv1.QueryFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetSegmentId(), at, "segment_id")
	c.chosen(int32(m.GetReason()), at, "reason")
	c.share(m.GetTrafficShare(), at, "traffic_share")
}

func (c *checker) result(m *sqv1.SearchResult, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	seen := make(map[string]bool, len(m.GetHits()))
	for i, hit := range m.GetHits() {
		id := hit.GetProduct().GetProductId()
		where := fmt.Sprintf("%shits[%d].", at, i)
		c.require(hit.GetRank() == uint32(i+1), where, "rank", fmt.Sprintf("must be %d: ranks have no gaps", i+1))
		c.ref(hit.GetProduct(), where+"product.")
		c.require(!seen[id], where, "product.product_id", "must be unique")
		seen[id] = true
		c.finite(hit.GetScore(), where, "score")
	}
}

func (c *checker) retrievalFailure(m *sqv1.RetrievalFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.chosen(int32(m.GetReason()), at, "reason")
}

func (c *checker) judgment(m *sqv1.Judgment, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetProductId(), at, "product_id")
	c.hash(m.GetContentHash(), at, "content_hash")
	c.require(m.GetGrade() <= maxGrade, at, "grade", "must be from 0 to 4")
	explained := m.GetGrade() == maxGrade || strings.HasPrefix(m.GetJudge(), "people")
	c.require(explained || len(m.GetReasons()) > 0, at, "reasons", "must not be empty if the grade is below 4")
	for i, reason := range m.GetReasons() {
		if reason.GetCode() == 0 {
			c.chosen(0, at, fmt.Sprintf("reasons[%d].code", i))
		}
	}
	c.text(m.GetJudge(), at, "judge")
	c.share(m.GetConfidence(), at, "confidence")
}

func (c *checker) judgeFailure(m *sqv1.JudgeFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetProductId(), at, "product_id")
	c.chosen(int32(m.GetReason()), at, "reason")
	c.text(m.GetJudge(), at, "judge")
}

func (c *checker) tagDifference(m *sqv1.TagDifference, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	each(m.GetChanges(), at+"changes", func(change *sqv1.TagChange, at string) {
		c.chosen(int32(change.GetKind()), at, "kind")
	})
	each(m.GetUncoveredTerms(), at+"uncovered_terms", func(term *sqv1.UncoveredTerm, at string) {
		c.text(term.GetTerm(), at, "term")
		c.require(term.GetResultsContaining() <= term.GetResultsChecked(), at, "results_containing", "must not exceed results_checked")
	})
	each(m.GetEvidence(), at+"evidence", c.evidence)
}

func (c *checker) evidence(m *sqv1.TagEvidence, at string) {
	c.tag(m.GetTag(), at+"tag.")
	sum := uint64(m.GetResultsMatching()) + uint64(m.GetResultsDiffering()) +
		uint64(m.GetResultsMissing()) + uint64(m.GetResultsConflicting())
	c.require(sum == uint64(m.GetResultsChecked()), at, "results_checked", "must be the sum of the four results_* counts")
}

func (c *checker) marketReport(m *sqv1.MarketReport, at string) {
	c.text(m.GetMarket(), at, "market")
	c.require(m.GetK() > 0, at, "k", "must be at least 1")
	c.share(m.GetUnattributedLoss(), at, "unattributed_loss")
}
