// Package artefact reads and writes artefacts: immutable records of one message type under one URI.
//
//	<uri>/parts/<sha256>.binpb.zst   length-delimited records, zstd; the name is the digest of the uncompressed bytes
//	<uri>/manifest.json              canonical JSON (RFC 8785) of sq.v1.Manifest
//
// The manifest is written last and never overwritten. Readers therefore never see an incomplete artefact, and one of several
// concurrent writers wins.
package artefact
