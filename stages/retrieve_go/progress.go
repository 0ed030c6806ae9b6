package retrieve

import "sync/atomic"

// shardProgress counts finished queries. It estimates the number of queries in the shard from that of the whole query set.
type shardProgress struct {
	show   func(done, total uint64, unit string)
	shards uint64
	total  atomic.Uint64 // written by the goroutine that reads queries
	done   uint64
}

func (p *shardProgress) expect(queries uint64) { p.total.Store(queries / p.shards) }

func (p *shardProgress) advance() {
	p.done++
	// The estimate may be too low. The bar must not reach its end before the last query.
	p.show(p.done, max(p.total.Load(), p.done+1), "queries")
}

func (p *shardProgress) finish() { p.show(p.done, p.done, "queries") }
