package record

import (
	"fmt"
	"strings"

	sqv1 "sq/proto/sq/v1"
)

const maxGrade = 4

func (c *checker) judgingRecord(m *sqv1.JudgingRecord) {
	switch r := m.GetRecord().(type) {
	case *sqv1.JudgingRecord_Judgment:
		c.judgment(r.Judgment, "judgment.")
	case *sqv1.JudgingRecord_Failure:
		c.judgeFailure(r.Failure, "failure.")
	case *sqv1.JudgingRecord_Summary:
		// All depths are valid.
	case *sqv1.JudgingRecord_Trust:
		c.trust(r.Trust, "trust.")
	case *sqv1.JudgingRecord_Guideline:
		c.guideline(r.Guideline, "guideline.")
	default:
		c.require(false, "", "record", "must be set")
	}
}

func (c *checker) judgment(m *sqv1.Judgment, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetProductId(), at, "product_id")
	c.hash(m.GetContentHash(), at, "content_hash")
	c.require(m.GetGrade() <= maxGrade, at, "grade", "must be from 0 to 4")
	explained := m.GetGrade() == maxGrade || strings.HasPrefix(m.GetJudge(), "people")
	c.require(explained || len(m.GetReasons()) > 0, at, "reasons", "must not be empty if the grade is below 4")
	for i, reason := range m.GetReasons() {
		c.chosen(reason.GetCode(), at, fmt.Sprintf("reasons[%d].code", i))
	}
	c.text(m.GetJudge(), at, "judge")
	c.share(m.GetConfidence(), at, "confidence")
	for i, facet := range m.GetFacets() {
		c.chosen(facet.GetVerdict(), at, fmt.Sprintf("facets[%d].verdict", i))
	}
}

func (c *checker) trust(m *sqv1.JudgeTrust, at string) {
	c.require(m.GetSupported() <= m.GetFaceted(), at, "supported", "must not exceed faceted")
	c.require(m.GetInventedQuotes() <= m.GetQuotes(), at, "invented_quotes", "must not exceed quotes")
	for i, canary := range m.GetCanaries() {
		c.canary(canary, fmt.Sprintf("%scanaries[%d].", at, i))
	}
	for i, one := range m.GetWithoutPicture() {
		c.chosen(one.GetProblem(), at, fmt.Sprintf("without_picture[%d].problem", i))
	}
}

func (c *checker) canary(m *sqv1.Canary, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetProductId(), at, "product_id")
	c.require(m.GetAskedGrade() <= maxGrade, at, "asked_grade", "must be from 0 to 4")
	c.require(m.GetGrade() <= maxGrade, at, "grade", "must be from 0 to 4")
	c.require(m.GetAttackedGrade() <= maxGrade, at, "attacked_grade", "must be from 0 to 4")
}

func (c *checker) judgeFailure(m *sqv1.JudgeFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetProductId(), at, "product_id")
	c.chosen(m.GetReason(), at, "reason")
	c.text(m.GetJudge(), at, "judge")
}

func (c *checker) guideline(m *sqv1.Guideline, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetWants(), at, "wants")
	c.text(m.GetExact(), at, "exact")
	c.text(m.GetPartial(), at, "partial")
	c.text(m.GetIrrelevant(), at, "irrelevant")
	c.text(m.GetDigest(), at, "digest")
	c.text(m.GetJudge(), at, "judge")
}
