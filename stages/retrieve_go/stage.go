// Package retrieve sends each query of a query set to the search endpoint of the market and records the results.
package retrieve

import (
	"context"
	_ "embed"
	"iter"

	"sq/libs/handoff/go/artefact"
	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/client"
)

//go:embed stage.textproto
var contract []byte

type work = stagekit.Work[*sqv1.RetrieveConfig, *sqv1.RetrievalRecord]

// Stage is the stage sq-retrieve.
var Stage = stagekit.Stage[*sqv1.RetrieveConfig, *sqv1.RetrievalRecord]{Contract: contract, Run: run}

func run(ctx context.Context, w *work) error {
	s, err := newSettings(w.Config, w.Shard)
	if err != nil {
		return err
	}
	endpoint, err := client.New(s.client)
	if err != nil {
		return &stagekit.InputError{Field: "ca_file", Problem: err.Error(), Fix: "give the path of a readable PEM file"}
	}
	queries, err := artefact.Open[*sqv1.QuerySetRecord](ctx, w.Input("queries").URI)
	if err != nil {
		return err
	}
	known, err := readEarlier(ctx, w.Earlier)
	if err != nil {
		return err
	}
	w.Log.Info("searching", "endpoint", s.shownURL, "shard", w.Shard.String())
	defer w.Phase("search")()
	defer func() { w.Log.Info("search calls", "calls", endpoint.Calls()) }()
	search := func(ctx context.Context, query *sqv1.Query) (*outcome, error) {
		if done, is := known[query.GetQueryId()]; is {
			return done, nil
		}
		request, err := s.protocol.Request(query)
		if err != nil {
			return failureOf(query, err)
		}
		answer, err := endpoint.Search(ctx, request)
		if err != nil {
			return failureOf(query, err)
		}
		return s.resultOf(query, answer)
	}
	serve := func(ctx context.Context, query *sqv1.Query) (*outcome, error) {
		o, err := search(ctx, query)
		if o != nil {
			o.isProbe = query.GetProbe() != nil
		}
		return o, err
	}
	l := newLedger(w.Write, w.Log, limitsOf(w.Config, s))
	progress := &shardProgress{show: w.Progress.Show, shards: w.Shard.Count}
	collect := func(ctx context.Context, o *outcome) error {
		progress.advance()
		if o.failure != nil && isUnanswered(o.failure.GetReason()) {
			w.NoteUnfinished(shortName(o.failure.GetReason()))
		}
		return l.enter(ctx, o)
	}
	chosen := shardOf(queries.All(ctx), w.Shard, progress)
	if err := inOrder(ctx, chosen, s.client.Concurrency, serve, collect); err != nil {
		return err
	}
	progress.finish()
	if unmatched := s.protocol.Unmatched(); len(unmatched) > 0 && l.hits > 0 {
		w.Log.Warn("these paths matched nothing in any hit", "fields", unmatched, "hits", l.hits)
	}
	return l.close()
}

// shardOf yields the queries of a shard in the order of the query set. It skips the failure records of generate.
func shardOf(records iter.Seq2[*sqv1.QuerySetRecord, error], shard stagekit.Shard, progress *shardProgress) iter.Seq2[*sqv1.Query, error] {
	return func(yield func(*sqv1.Query, error) bool) {
		for record, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			if summary := record.GetSummary(); summary != nil {
				progress.expect(summary.GetQueries())
			}
			for _, query := range record.GetSegment().GetQueries() {
				if shard.Contains(shardKey(query)) && !yield(query, nil) {
					return
				}
			}
		}
	}
}

// shardKey decides the shard of a query. A probe is in the shard of the query that it changes.
func shardKey(query *sqv1.Query) string {
	if original := query.GetProbe().GetProbeOf(); original != "" {
		return original
	}
	return query.GetQueryId()
}
