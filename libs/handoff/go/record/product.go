package record

import (
	"fmt"
	"math"

	sqv1 "sq/proto/sq/v1"
)

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
