package retrieve

import "sync/atomic"

// shardProgress counts queries done of those the shard should hold: the query set says how many it has in all.
type shardProgress struct {
	show   func(done, total uint64, unit string)
	shards uint64
	total  atomic.Uint64 // set where queries are read, used where outcomes are written
	done   uint64
}

func (p *shardProgress) expect(queries uint64) { p.total.Store(queries / p.shards) }

func (p *shardProgress) advance() {
	p.done++
	// Shards are never quite equal: the bar ends with the last query, not before.
	p.show(p.done, max(p.total.Load(), p.done+1), "queries")
}

func (p *shardProgress) finish() { p.show(p.done, p.done, "queries") }
