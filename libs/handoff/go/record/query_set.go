package record

import sqv1 "sq/proto/sq/v1"

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

func (c *checker) summary(m *sqv1.QueryLogSummary, at string) {
	c.require(m.GetRows() == m.GetSearches()+m.GetJunkRows(), at, "rows", "must equal searches + junk_rows")
	c.share(m.GetTrafficCovered(), at, "traffic_covered")
	each(m.GetBands(), at+"bands", func(band *sqv1.BandCoverage, at string) {
		c.chosen(band.GetBand(), at, "band")
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
	c.chosen(m.GetBand(), at, "band")
	each(m.GetKnownMatches(), at+"known_matches", c.ref)
	each(m.GetIntendedTags(), at+"intended_tags", c.tag)
	c.known(m.GetProbe().GetForm(), at, "probe.form")
}

func (c *checker) queryFailure(m *sqv1.QueryFailure, at string) {
	c.text(m.GetQueryId(), at, "query_id")
	c.text(m.GetSegmentId(), at, "segment_id")
	c.chosen(m.GetReason(), at, "reason")
	c.share(m.GetTrafficShare(), at, "traffic_share")
}
