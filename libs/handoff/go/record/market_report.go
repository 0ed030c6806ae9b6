package record

import sqv1 "sq/proto/sq/v1"

func (c *checker) marketReport(m *sqv1.MarketReport, at string) {
	c.text(m.GetMarket(), at, "market")
	c.require(m.GetK() > 0, at, "k", "must be at least 1")
	c.share(m.GetUnattributedLoss(), at, "unattributed_loss")
}
